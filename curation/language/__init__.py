"""Words, scripts and names of languages: one tokeniser for the whole product."""
