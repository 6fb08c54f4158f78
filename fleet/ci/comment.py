"""One comment on a pull request, kept up to date: `python3 -m fleet.ci.comment`, in the workflow `comment`.

It runs with a token that may write, and what it posts was made by the code of the pull request, of which anybody may be
the author. So nothing of it is run, and nothing but its text is believed: which pull request it is about is asked of
GitHub, by the commit of the run that made it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, Final

from fleet.ci.github import BOT, LONGEST_BODY, GitHub, GitHubError, command, event

MARKER: Final = "<!-- elastic-spark: fleet preview -->"
ARTIFACT: Final = "preview-comment"
FILE: Final = "preview.md"
LARGEST_ARCHIVE: Final = 1_000_000
LONGEST: Final = LONGEST_BODY - 1_536
"""Characters of the preview that are posted; the rest is for what is put around it."""
_TAGS: Final = re.compile(r"<(?!/?(?:details|summary|b)>)")
"""Where HTML starts that is none of the comment's own."""
_HIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What a reader doesn't see, or what shows text in another order."""


def comment(github: GitHub, run: Mapping[str, Any]) -> str:
    """Post what a run of the workflow `preview` made, over what an earlier one did; says what was done.

    Args:
        github: the repository.
        run: the run that ended, as in the event `workflow_run`.

    Raises:
        GitHubError: GitHub could not be asked, or what the run made is not what a preview makes.
    """
    number = pull_request(github, run)
    if number is None:
        return "no open pull request has this commit as its head: nothing is posted"
    body = text(preview(github, run), run)
    path = f"/issues/{number}/comments"
    for one in github.every(path):
        # Anybody can write the marker, so the author counts too: others' comments are left alone.
        if (one.get("user") or {}).get("login") == BOT and str(one.get("body") or "").startswith(MARKER):
            github.send("PATCH", f"/issues/comments/{int(one['id'])}", {"body": body})
            return f"the comment on pull request {number} is up to date"
    github.send("POST", path, {"body": body})
    return f"pull request {number} has a comment"


def pull_request(github: GitHub, run: Mapping[str, Any]) -> int | None:
    """The open pull request whose head is the commit of a run; None when there is none, or a newer commit.

    The event lists none for forks, hence the question by the fork's owner and branch.
    """
    head = run["head_repository"]
    if head is None:  # the fork is gone
        return None
    asked = f"{head['owner']['login']}:{run['head_branch']}"
    for one in github.every("/pulls", state="open", head=asked):
        repository = (one["head"].get("repo") or {}).get("full_name")
        if one["head"]["sha"] == run["head_sha"] and repository == head["full_name"]:
            return int(one["number"])
    return None


def preview(github: GitHub, run: Mapping[str, Any]) -> str | None:
    """What a run made for the comment; None where it made nothing.

    Raises:
        GitHubError: it made something too large, or no text.
    """
    path = f"/actions/runs/{int(run['id'])}/artifacts"
    found = next((one for one in github.every(path, "artifacts", name=ARTIFACT) if not one["expired"]), None)
    if found is None:
        return None
    archive = github.download(f"/actions/artifacts/{int(found['id'])}/zip", LARGEST_ARCHIVE)
    longest = 4 * LONGEST_BODY  # bytes of so many characters
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files, files.open(FILE) as file:
            content = file.read(longest + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        raise GitHubError(f"the artifact {ARTIFACT} has no readable {FILE}: {error}") from None
    if len(content) > longest:
        raise GitHubError(f"{FILE} of the artifact {ARTIFACT} has more than {longest:,} bytes")
    return content.decode("utf-8", errors="replace")


def text(made: str | None, run: Mapping[str, Any]) -> str:
    """The comment: our own lines, and below them what the run made, which can be no more than text.

    Args:
        made: by the run, None for nothing.
        run: as in `comment`.
    """
    address = f"[run {int(run['run_number'])}]({run['html_url']})"
    commit = str(run["head_sha"])[:10]
    failed = "" if run["conclusion"] == "success" else f" **It ended with {run['conclusion']}.**"
    head = f"{MARKER}\n<sub>Made for {commit} by the pull request's own code, in {address}.{failed}</sub>\n\n"
    if made is None:
        return f"{head}There is no preview: the log of the run says why.\n"
    shown = harmless(made)
    if len(shown) > LONGEST:
        shown = f"{shown[:LONGEST]}\n\n… {len(shown) - LONGEST:,} more characters are in the artifacts of the run.\n"
    return head + shown


def harmless(made: str) -> str:
    """Text that calls nobody, loads no image, hides nothing, and has no HTML but what folds details."""
    visible = _HIDDEN.sub("\ufffd", made.replace("\r\n", "\n"))
    # A space of no width: to a reader the text is the same, to GitHub it is no mention, no tag and no image.
    return _TAGS.sub("<\u200b", visible).replace("@", "@\u200b").replace("![", "!\u200b[")


def main() -> None:
    """The step of the workflow."""
    command(lambda github: comment(github, event()["workflow_run"]))


if __name__ == "__main__":
    main()
