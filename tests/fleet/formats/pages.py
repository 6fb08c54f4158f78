"""Pages of previews as a browser reads them, and comparisons to make pages of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser

from fleet.formats.html import page
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.registration import Registrations
from fleet.offline.stack_preview import Failure, StackPreview
from infra.settings.findings import Finding
from infra.settings.fleet_rules import FleetFinding
from sizing.values import Json
from tests.fleet.formats.comparisons import fleet_of, stack_of
from tests.fleet.offline.recorded import sample, with_resource
from tests.samples import changed, tenant, tenant_registrations

BUCKET = "aws:s3/bucket:Bucket"

VOID = frozenset({"br", "input", "link", "meta", "hr", "img", "rect", "path"})
"""Elements that our pages write without an end, `rect` and `path` where they end themselves."""


@dataclass
class Element:
    """An element with its attributes, all the text in it, and the elements in it."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str = "", style: str = "") -> list[Element]:
        """The elements in it, of a tag and with a class, in their order."""
        found = []
        for child in self.children:
            if (not tag or child.tag == tag) and (not style or style in child.attributes.get("class", "").split()):
                found.append(child)
            found += child.all(tag, style)
        return found

    def one(self, tag: str = "", style: str = "") -> Element:
        """The only one of these."""
        (found,) = self.all(tag, style)
        return found

    @property
    def words(self) -> str:
        """Its text with single spaces."""
        return " ".join(self.text.split())


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {}, None)
        self.at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        assert len(element.attributes) == len(attrs), f"an attribute twice: {attrs}"
        self.at.children.append(element)
        if tag not in VOID or (tag == "rect" and not (self.get_starttag_text() or "").endswith("/>")):
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.at.tag == tag and tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> in <{self.at.tag} {self.at.attributes}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        at: Element | None = self.at
        while at is not None:
            at.text += data
            at = at.parent


def parsed(page: str) -> Element:
    """A page's elements; every one of them must end where it should."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert parser.at is parser.root, f"<{parser.at.tag}> does not end"
    return parser.root


def article(root: Element, stack: str) -> Element:
    """The part of the page that is a stack's."""
    (found,) = [one for one in root.all("article", "stack") if one.all("h3")[0].words == stack]
    return found


def bucket(registrations: Registrations, name: str = "extra", **inputs: Json) -> Registrations:
    """Registrations with one more bucket."""
    return with_resource(registrations, BUCKET, registrations.stack.urn, inputs={"bucket": name, **inputs})


def other_network(registrations: Registrations) -> Registrations:
    """Registrations whose VPC has other addresses."""
    inputs = {"cidrBlock": "10.99.0.0/16"}
    vpc = "aws:ec2/vpc:Vpc"
    return Registrations(
        replace(one, inputs={**one.inputs, **inputs}) if one.type == vpc else one for one in registrations.values()
    )


def grown() -> Registrations:
    """A sample tenant with a larger pool."""
    return tenant_registrations(changed(tenant("ads-dev"), "queues.batch.pools.main.maxNodes", 40), "ads-dev")


@cache
def samples() -> FleetComparison:
    """Sample stacks, compared with nothing."""
    names = ("platform-dev", "ads-dev", "research-dev", "platform-kind", "demo-kind")
    return fleet_of(*(stack_of(name, None, sample(name), compare=False) for name in names), base=None)


@cache
def everything() -> FleetComparison:
    """Stacks that come, go, change, stay, and are wrong."""
    wrong = Failure("wrong", (Finding("elastic-spark:tenant.name", '"A"', "lower case"),))
    failing = stack_of("search-dev", sample("search-dev"), "x")
    return fleet_of(
        stack_of("ads-dev", sample("ads-dev"), grown()),
        stack_of("platform-dev", sample("platform-dev"), other_network(sample("platform-dev"))),
        stack_of("platform-kind", sample("platform-kind"), sample("platform-kind")),
        stack_of("demo-kind", sample("demo-kind"), None),
        stack_of("research-dev", None, sample("research-dev")),
        replace(failing, after=StackPreview("search-dev", None, wrong)),
        findings=(FleetFinding(("ads-dev", "platform-dev"), "too many drivers", "fewer"),),
    )


@cache
def shown(comparison: Callable[[], FleetComparison]) -> Element:
    """The page of one of these comparisons."""
    return parsed(page(comparison()))
