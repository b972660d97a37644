"""Studies: one question, its arms as changes of parameters, run without computing anything twice, answered on a page.

``questions`` reads ``studies/<name>.yaml``, ``arms`` makes its arms, ``flow`` says which stages they share, ``plan``
what that costs, ``run`` does it, ``status`` watches, ``report`` answers, ``export`` writes scripts for a scheduler.
"""
