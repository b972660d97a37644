"use strict";
for (const bar of document.querySelectorAll(".filter")) {
  const rows = [...document.querySelectorAll(`#${bar.dataset.of} article`)];
  const parts = [...document.querySelectorAll(`#${bar.dataset.of} section`)];
  const words = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const [flag, label, text] = ["flag", "label", "text"].map((name) => bar.querySelector(`[name=${name}]`).value);
    const said = text.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row, at) => {
      row.hidden = (flag && !row.dataset.flags.split(" ").includes(flag)) || (label && row.dataset.label !== label) ||
        !said.every((word) => words[at].includes(word));
    });
    for (const part of parts) part.hidden = !part.querySelector("article:not([hidden])") && (flag || label || said.length);
    bar.querySelector("output").value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
  };
  bar.addEventListener("input", apply);
  bar.hidden = false;
  apply();
}
