"""How the site is built: ``python -m sphinx -W -n docs build/site``. Needs no network."""

from __future__ import annotations

import os

# The reference imports fastlr.keras, which needs one of Keras's backends. This one loads fastest.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import fastlr

project = "fastlr"
copyright = "the authors of fastlr; Apache-2.0"
# Written in src/cpp/include/fastlr/version.hpp; this is the installed package's.
version = release = fastlr.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["**/.*"]

# The pages are read on GitHub as well: plain Markdown, with GitHub's anchors.
myst_heading_anchors = 4

# Big, and only the base class of one.
autodoc_mock_imports = ["torch"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say it in words
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = ["Calls"]
default_role = "code"
highlight_language = "text"
# References to names of fastlr must resolve. Types of others are words: their pages are elsewhere.
nitpick_ignore_regex = [("py:.*", r"(?!fastlr\.).*|.* .*")]

# Copied are commands, without their prompts and what they print.
copybutton_prompt_text = r"\$ |> |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo = html_favicon = "_static/logo.svg"
html_title = f"fastlr {release}"
html_show_sphinx = False
html_copy_source = False
