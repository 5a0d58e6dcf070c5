"""Sphinx's settings for the site. Nothing is loaded from elsewhere, neither here nor by the pages."""

import importlib.util
import tomllib
from pathlib import Path

from utils.paths import root

about = tomllib.loads((root() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# MathJax as one file, which draws formulas as SVG and needs no fonts; the package brings it, Sphinx would link to a CDN
package = importlib.util.find_spec("sphinx-mathjax-offline")
mathjax = Path(package.origin).parent / "static" / "mathjax" / "tex-svg.js"

project = "Recurrent neural networks"
author = about["authors"][0]["name"]
copyright = author  # noqa: A001
extensions = ["myst_nb", "sphinx.ext.mathjax"]
language = "en"

nb_execution_mode = "off"
myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 3

mathjax_path = mathjax.name
# No menu: it would make each formula a stop of the Tab key. What scrolls becomes one in site.js.
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static", str(mathjax)]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_use_index = False
html_last_updated_fmt = None
html_theme_options = {
    "repository_url": about["urls"]["Repository"],
    "use_repository_button": True,
    "use_download_button": False,
    "show_toc_level": 2,
    "home_page_in_toc": True,
    "navbar_persistent": [],  # the search stands in the sidebar already
}
