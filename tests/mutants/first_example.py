"""A plugin for tests that use hypothesis: the first example that fails is enough, nobody reads the smallest one.

Loaded before any test's own profile, which takes this over. Apart, because hypothesis takes long to import.
"""

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")
