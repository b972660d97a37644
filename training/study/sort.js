document.querySelectorAll("table.sortable").forEach(function (table) {
  var body = table.tBodies[0], heads = Array.from(table.tHead.rows[0].cells);
  function value(row, place) {
    var cell = row.cells[place], given = cell ? cell.dataset.v : undefined;
    var number = parseFloat(given);
    return given !== undefined && !isNaN(number) ? number : given === undefined && cell ? cell.textContent : NaN;
  }
  heads.forEach(function (head, place) {
    head.querySelector("button").addEventListener("click", function () {
      var up = head.getAttribute("aria-sort") === "descending";
      heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      Array.from(body.rows).sort(function (a, b) {
        var x = value(a, place), y = value(b, place);
        if (x !== x || y !== y) { return (x !== x) - (y !== y); }
        return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
      }).forEach(function (row) { body.appendChild(row); });
    });
  });
});
