"""Translators: one file per backend. Splitting, caching, label projection and checks live in the stage.

A backend of sentences defines

* ``translate(texts, src, tgt, params) -> list[str]``: one translation per text, in order, the same for the same text
  whatever its neighbours; ``""`` stays ``""``. ``params`` is section ``translate``. No text holds a line break. A
  backend may put :data:`UNKNOWN` before a word that it could not translate, and :data:`CUT` at the end of what
  was cut; the stage counts and removes these;
* ``describe(src, tgt, params) -> dict[str, str]``: engine, versions and settings. Sentences are cached under it, so
  whatever changes a translation belongs in it, and the weights' licence stands in it for the manifest. Raises
  :class:`CairnError` when the backend cannot run, saying what to install;
* ``MARKERS``: two characters that the engine carries through, around the words that translate what they enclose.

A backend may define ``check(task, src, tgt, params) -> None``, which raises :class:`CairnError` when it cannot serve
these languages. `curation check` calls it before anything has run: it loads nothing and asks no network.

A backend of whole examples defines ``examples(task, lang, keys, params) -> dict[key, Example]`` instead of
``translate`` and ``MARKERS``; a key it lacks is a dropped row.

Language codes are ISO 639-1 where there is one (``de``), as everywhere in Cairn.
"""

UNKNOWN = "\ue000"
"""A private-use character: the word that follows was not translated."""
CUT = "\ue001"
"""A private-use character at the end of a translation: the source was too long for the model, or its output was cut."""


def bare(text: str) -> str:
    """Return a translation without marks of unknown words and of cuts."""
    return text.replace(UNKNOWN, "").replace(CUT, "")
