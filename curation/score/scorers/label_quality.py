"""Low for labels that the out-of-fold probe disagrees with: confident learning through cleanlab.

``classify``, ``pair`` and ``choice`` are classification (Northcutt et al. 2021); ``tags`` is token classification, a
row being as good as its worst tag (Wang and Mueller 2022), or, where tags are of entities, about as good as its worst
ones (their soft minimum: the words of an entity are wrong together). Where copies of a text or a pair have different
labels, those of the others are votes (:mod:`curation.score.labels.copies`). cleanlab has nothing for ``span``: there a
row is a choice between two answers, the given one and the probe's best other one, with probabilities in proportion to
P(begin) x P(end), and cleanlab's rank functions judge that choice; whether the answer begins and ends at the right one
of the words around counts beside it (:mod:`curation.score.labels.answers`). A choice is judged against the row's own
choices only, and its self-confidence is moved so that mere chance is 0.5 however many there are: a function of the row
alone.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.core import records
from curation.core.kinds import PROBED
from curation.core.params import Section
from curation.score import scorers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Kind
    from curation.score.labels import elsewhere, siblings

KINDS: frozenset[Kind] = frozenset(PROBED)
NEEDS = frozenset({"probe"})

Probabilities = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


class Params(Section):
    """Section ``score.label_quality``."""

    method: Literal["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
    """cleanlab's label quality score: the given label's probability; its lead over the best other; or with entropy."""


class Evidence:
    """Columns of evidence, filled row by row; what is not filled stays null."""

    def __init__(self, rows: int):
        self.score = np.full(rows, np.nan)
        self.why: list[str | None] = [None] * rows
        self.facts: list[str] = []
        """Sentences about the task as a whole."""
        self._columns: dict[str, list[Any]] = {name: [None] * rows for name in SCHEMA}

    def note(self, row: int, **values: Any) -> None:
        """Set some columns of one row."""
        for name, value in values.items():
            self._columns[name][row] = value

    def table(self, inputs: scorers.Inputs) -> pa.Table:
        """Return the scorer's result."""
        columns = {name: pa.array(self._columns[name], type_) for name, type_ in SCHEMA.items()}
        return scorers.table(inputs, np.clip(self.score, 0.0, 1.0), self.why, columns, self.facts)


SCHEMA: Mapping[str, pa.DataType] = {
    "issue": pa.bool_(),
    "given_label": pa.string(),
    "given_confidence": pa.float64(),
    "suggested_label": pa.string(),
    "suggested_confidence": pa.float64(),
    "suggested_index": pa.int32(),
    "group_labels": pa.string(),
    "boundary": pa.float64(),
    "type": pa.float64(),
}
"""Evidence: whether confident learning calls it an issue; given and suggested label in words with the probe's
confidence, after what its group or rows with the same choices say (suggested = null where that agrees, or where another
row of the group with this label is likelier to be the wrong one); the suggestion as an index (``classify`` and
``pair``: label, ``choice``: choice, ``tags``: the *worst token*, whose tag the labels speak of, ``span``: first
character); the labels of the rows of its group that it was judged by; how well the boundaries of an answer or of
entities, and the types of these, are supported, each on its own (0..1, 1 = keep)."""


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return one score per row, 1 = the probe is sure of the given label; null for unlabelled or unjudgeable rows.

    A row is not judged when no row outside its fold has its label (``why`` says so). Evidence: see :data:`SCHEMA`.
    """
    result = Evidence(inputs.records.num_rows)
    judge = {"choice": _choice, "span": _span, "tags": _tags}.get(inputs.kind, _row)
    judge(inputs, params.method, result)
    return result.table(inputs)


def _rank(labels: Sequence[int], probabilities: npt.NDArray[Any], method: str) -> Scores:
    from cleanlab.rank import get_label_quality_scores

    chosen = np.asarray(probabilities, np.float64)
    chosen = chosen / chosen.sum(1, keepdims=True)
    return np.asarray(get_label_quality_scores(np.asarray(labels), chosen, method=method), np.float64)


def _issues(labels: Sequence[int], probabilities: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return which labels confident learning calls issues (pruned by noise rate); classes nobody has are left out."""
    from cleanlab.filter import find_label_issues

    present, dense = np.unique(labels, return_inverse=True)
    if len(present) < 2:
        return np.zeros(len(dense), bool)
    kept = np.asarray(probabilities, np.float64)[:, present] + 1e-12
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="May not flag all label issues")  # rare classes: as documented there
        mask = find_label_issues(dense, kept / kept.sum(1, keepdims=True), filter_by="prune_by_noise_rate", n_jobs=1)
    return np.asarray(mask, bool)


def _unjudged(inputs: scorers.Inputs, fold: int, labels: Sequence[int]) -> list[str]:
    """Return the names of ``labels`` that no row outside ``fold`` has."""
    missing = inputs.probe.manifest["untrained"].get(str(fold), [])
    return sorted({inputs.task.labels[label] for label in labels if label in missing})


def _compare(
    result: Evidence,
    row: int,
    given: str,
    p: float,
    best: str | None,
    q: float,
    index: int,
    says: str = "the probe says",
) -> None:
    """Note the given label and, if it is another, the better one, in columns and in words: who ``says`` so."""
    result.note(row, given_label=given, given_confidence=float(p))
    if best is not None:
        result.note(row, suggested_label=best, suggested_confidence=float(q), suggested_index=index)
        result.why[row] = f"labelled {given}, {says} {best} with {q:.2f} ({given}: {p:.2f})"


def _row(inputs: scorers.Inputs, method: str, result: Evidence) -> None:
    from curation.score.labels import copies, siblings

    names, probe = inputs.task.labels, inputs.probe
    given = inputs.records["label"].to_pylist()
    judged = []
    for i, label in enumerate(given):
        if label is None:
            continue
        if missing := _unjudged(inputs, probe.fold[i], [label]):
            result.why[i] = f"not judged: no row outside its fold is labelled {missing[0]}"
        else:
            judged.append(i)
    if not judged:
        return
    whole = np.stack(probe.probabilities).astype(np.float64)
    known = np.full(len(whole), -1)
    known[judged] = [given[i] for i in judged]
    symmetric = inputs.task.symmetric
    content = copies.content(inputs.records, symmetric=symmetric)
    found = siblings.find(inputs.records, known, content, whole, probe.fold, symmetric=symmetric)
    if found:
        for i, p in found.probabilities.items():
            whole[i] = p
        result.facts.append(_dependence(found))
    voted = copies.voted(given, list(whole), content)
    for i, p in voted.items():
        whole[i] = p
    labels = [given[i] for i in judged]
    matrix = whole[judged]
    result.score[judged] = _rank(labels, matrix, method)
    best = dict(zip(judged, matrix.argmax(1).tolist(), strict=True))
    rest = found.rest if found else {}
    for i, label, p, issue in zip(judged, labels, matrix, _issues(labels, matrix), strict=True):
        clash = best[i] != label and any(
            given[j] == label and best.get(j) == best[i] and (result.score[j], j) < (result.score[i], i)
            for j in rest.get(i, ())
        )
        says = "the probe says" if i not in rest else "the probe and the rest of its group say"
        other = None if best[i] == label or clash else names[best[i]]
        _compare(result, i, names[label], p[label], other, p[best[i]], best[i], says)
        result.note(i, issue=bool(issue))
        if clash:
            result.why[i] = (
                f"labelled {names[label]} ({p[label]:.2f}) like another row of its group, likelier to be wrong"
            )
        if i in voted and best[i] != label:
            result.why[i] = f"{result.why[i]}, by what its copies are labelled, too"
        if i in rest:
            others = ", ".join("no label" if (one := given[j]) is None else names[one] for j in rest[i])
            result.note(i, group_labels=others)
            if best[i] != label:
                result.why[i] = f"{result.why[i]}; the rest is labelled {others}"


def _dependence(found: siblings.Found) -> str:
    """Return in a sentence how the labels of a group depend on each other."""
    return (
        f"Two rows of a group (one premise, say) have the same label {found.repeats:.2f} times as often as any two, so "
        f"the labels of its group count in how likely a row's label is: in {len(found.probabilities):,} rows."
    )


def _choice(inputs: scorers.Inputs, method: str, result: Evidence) -> None:
    from curation.score.labels import elsewhere

    given, texts = inputs.records["label"].to_pylist(), inputs.records["choices"].combine_chunks()
    probabilities = list(inputs.probe.probabilities)
    found = elsewhere.find(records.Rows(inputs.records), probabilities)
    if found:
        for i, p in found.probabilities.items():
            probabilities[i] = p.astype(np.float32)
        result.facts.append(_shared(found))
    by_count = defaultdict(list)
    for i, (label, many) in enumerate(zip(given, texts.value_lengths().to_pylist(), strict=True)):
        if label is not None and many > 1:
            by_count[many].append(i)
    for count, judged in by_count.items():
        labels = [given[i] for i in judged]
        matrix = np.stack([probabilities[i] for i in judged])
        quality = _rank(labels, matrix, method)
        if method == "self_confidence":
            quality = quality * (count - 1) / (quality * (count - 1) + (1 - quality))
        result.score[judged] = quality
        for i, label, p in zip(judged, labels, matrix, strict=True):
            best = int(p.argmax())
            choices = texts[i].as_py()
            other = None if best == label else f"choice {best + 1} ({choices[best]!r})"
            kin = found is not None and i in found.probabilities
            says = "the probe and rows with the same choices say" if kin else "the probe says"
            _compare(result, i, f"choice {label + 1} ({choices[label]!r})", p[label], other, p[best], best, says)
            # Positions are no classes with noise rates of their own, so an issue is simply a lost choice.
            result.note(i, issue=best != label)
            if other is not None and found and kin:
                if label in found.taken.get(i, ()):
                    result.why[i] = f"{result.why[i]}; {choices[label]!r} is right in another row"
                elif label not in found.shared[i]:
                    result.why[i] = f"{result.why[i]}; no other row has {choices[label]!r}"


def _shared(found: elsewhere.Found) -> str:
    """Return in a sentence what sharing choices means here."""
    rows = f"in {len(found.probabilities):,} rows"
    if not found.taken:
        return f"Whether other rows have a choice too says something of its being right, and counts: {rows}."
    return (
        f"Where rows share choices, a row's right one is right in another {found.repeats:.2f} times as often as any "
        f"shared one, which counts in how likely a row's label is: {rows}."
    )


def _tags(inputs: scorers.Inputs, method: str, result: Evidence) -> None:
    from cleanlab.token_classification.rank import get_label_quality_scores

    from curation.score.labels import entities

    names, probe = inputs.task.labels, inputs.probe
    tagged, said = inputs.records["tags"].to_pylist(), inputs.records["tokens"].combine_chunks()
    judged = []
    for i, own in enumerate(tagged):
        if not own:
            continue
        if missing := _unjudged(inputs, probe.fold[i], own):
            result.why[i] = f"not judged: no row outside its fold has the tag {', '.join(missing)}"
        else:
            judged.append(i)
    if not judged:
        return
    labels = [tagged[i] for i in judged]
    matrices = [probe.probabilities[i].astype(np.float64) for i in judged]
    matrices = [matrix / matrix.sum(1, keepdims=True) for matrix in matrices]
    by_entity = bool(entities.types(names))
    sentence, tokens = get_label_quality_scores(
        labels,
        matrices,
        token_score_method=method,
        sentence_score_method="softmin" if by_entity else "min",
        sentence_score_kwargs={"temperature": 1 / entities.SHARPNESS} if by_entity else {},
    )
    result.score[judged] = sentence
    issues = _issues([tag for tags in labels for tag in tags], np.concatenate(matrices))
    starts = np.cumsum([0] + [len(tags) for tags in labels])
    for number, (i, tags, matrix) in enumerate(zip(judged, labels, matrices, strict=True)):
        worst = int(np.asarray(tokens[number]).argmin())
        p, given, best = matrix[worst], tags[worst], int(matrix[worst].argmax())
        word = said[i][worst].as_py()
        other = None if best == given else names[best]
        _compare(result, i, names[given], p[given], other, p[best], worst)
        result.note(i, issue=bool(issues[starts[number] : starts[number + 1]].any()))
        if by_entity:
            boundary, kind = entities.boundary_and_type(tags, matrix, names)
            result.note(i, boundary=boundary, type=kind)
        if other is not None:
            result.why[i] = f"token {worst + 1} {word!r}: {result.why[i]}"


def _span(inputs: scorers.Inputs, method: str, result: Evidence) -> None:
    from curation.language import words
    from curation.probe import span
    from curation.score.labels import answers

    judged, shares, near = [], [], []
    for i, row in enumerate(records.Rows(inputs.records)):
        first, last = span.gold(row)
        if first < 0:
            continue
        p = inputs.probe.probabilities[i]
        given = float(p[first, 0]) * float(p[last, 1])
        begin, end, rival = span.best(p, excluding=(first, last))
        share = given / max(given + rival, 1e-30)
        judged.append(i)
        shares.append([share, 1 - share])
        near.append(answers.boundary(p, first, last))
        places = words.places(row["context"])
        text = repr(row["answers"][0]["text"]) if row["answers"] else "(no answer)"
        other = repr(row["context"][places[begin - 1][0] : places[end - 1][1]]) if begin else "(no answer)"
        start = places[begin - 1][0] if begin else -1
        _compare(result, i, text, share, other if rival > given else None, 1 - share, start)
        result.note(i, issue=rival > given, boundary=near[-1])
    if judged:
        result.score[judged] = answers.together(np.array(near), _rank([0] * len(judged), np.array(shares), method))
