"""Translators: one file per backend. Splitting, caching, label projection and checks live in the stage.

A backend of sentences defines

* ``translate(texts, src, tgt, params) -> list[str]``: one translation per text, in order, the same for the same text
  whatever its neighbours; ``""`` stays ``""``. ``params`` is section ``translate``. No text holds a line break. A
  backend may put :data:`UNKNOWN` before a word that it could not translate; the stage counts and removes these. One
  that reads or writes so many tokens at most gives :data:`CUT` for a text that is longer; the stage drops the row;
* ``describe(src, tgt, params) -> dict[str, str]``: engine, versions and settings. Sentences are cached under it, so
  whatever changes a translation belongs in it. Raises :class:`CairnError` when the backend cannot run, saying what to
  install;
* ``MARKERS``: two characters that the engine carries through, around the words that translate what they enclose.

A backend may define ``check(task, src, tgt, params) -> None``, which raises :class:`CairnError` when it cannot serve
these languages. `curation check` calls it before anything has run: it loads nothing and asks no network.

A backend of whole examples defines ``examples(task, lang, keys, params) -> dict[key, Example]`` instead of
``translate`` and ``MARKERS``; a key it lacks is a dropped row.

Language codes are ISO 639-1 where there is one (``de``), as everywhere in Cairn.
"""

CUT = "\ue001"
"""A private-use character: the text is longer than the model reads or writes, so the translation is not whole."""
UNKNOWN = "\ue000"
"""A private-use character: the word that follows was not translated."""
