"""After the site is built: each page ends with the files that it links, folded, ready to copy.

The Markdown links them only, so that an agent copies a file without reading it. A person on the
site reads on the spot.
"""

from __future__ import annotations

import re
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

LINK = re.compile(r'href="[^"]*/scripts/([a-z0-9_]+\.py)"')
END = "</article>"
# The theme's copy button makes a selector of the nearest id, which may therefore hold no dot.
FILE = '<details class="quote" id="file-{stem}"><summary>{name}</summary>\n{code}</details>\n'


def linked_scripts(page: str) -> list[str]:
    """The names of the scripts that a built page links, each once, in its order."""
    return list(dict.fromkeys(LINK.findall(page)))


def with_scripts(page: str, scripts: Path) -> str:
    """A built page with the files that it links at its end; as it is when it links none.

    Raises FileNotFoundError for a script that is not there, ValueError for a page without an end.
    """
    if not (names := linked_scripts(page)):
        return page
    if page.count(END) != 1:
        raise ValueError(f"a page has one {END}, not {page.count(END)}")
    shown = "".join(
        FILE.format(stem=name[:-3], name=name, code=_highlighted(scripts / name)) for name in names
    )
    return page.replace(END, f'<h2 id="files">Files of this page</h2>\n{shown}{END}')


def show_scripts(site: Path, scripts: Path) -> None:
    """Do so for every page of a built site."""
    for path in site.rglob("*.html"):
        page = path.read_text()
        if (changed := with_scripts(page, scripts)) != page:
            path.write_text(changed)


def _highlighted(path: Path) -> str:
    """As the theme's own code blocks are built, so that its style and copy button apply."""
    code = highlight(path.read_text(), PythonLexer(), HtmlFormatter(nowrap=True))
    inner = f"<pre><span></span><code>{code}</code></pre>"
    return f'<div class="language-python highlight">{inner}</div>\n'
