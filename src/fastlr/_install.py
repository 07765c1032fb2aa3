"""How to install what a message says is missing: the one place to change once fastlr is on PyPI."""

_FROM_A_CHECKOUT = "in a checkout of fastlr"

#: Follows what the compiled core is needed for.
THE_CORE = (
    f"run pip install . {_FROM_A_CHECKOUT}, with a C++17 compiler "
    "(FASTLR_REQUIRE_CPP=1 shows why a build fails), or install a wheel for this platform"
)


def extra(name: str) -> str:
    """What installs one of the extras of pyproject.toml."""
    return f"run pip install '.[{name}]' {_FROM_A_CHECKOUT}"
