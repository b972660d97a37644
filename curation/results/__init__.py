"""What an arm scored, and arms side by side.

From the rows up:

* ``statistics``: scored rows to values and to what each unit of the test set adds to them (:class:`~statistics.Run`);
* ``intervals``: the interval formulas;
* ``effects``: an arm's level over its seeds, the difference of two arms, verdicts by number of seeds, the variance
  between seeds pooled over arms, equivalence, Holm's correction, seeds needed;
* ``runs``: an arm's reports and predictions on one task (:class:`~runs.Arm`);
* ``comparison``: arms on one task, any number (:func:`~comparison.side_by_side`) or two (:func:`~comparison.compare`);
* ``arms``: the same by name, from experiments, revisions and folders (:func:`~arms.load`, :func:`~arms.tables`);
* ``wording``: how it is said.

A study in four lines::

    found = [arms.load(spec) for spec in ("size-0", "size-500", "size-1000")]
    for table in arms.tables(found, metric="macro_f1"):
        gap = table.difference("size-1000", "size-0")["all"]        # an Effect: value, low, high, p, why_not
        print(table.task, wording.points(gap.value, True), wording.interval(gap, True), wording.verdict(gap))
"""
