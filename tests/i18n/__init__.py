"""The languages: nothing untranslated, nothing left behind, nothing English on a German page."""
