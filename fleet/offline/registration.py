"""What a program registered, in a form that is the same for the recording monitor and for the real engine's log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import alias_pb2, resource_pb2

from sizing.values import Json, Path, leaves, whole

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Unknown:
    """A value that only the deployment can give.

    `sources` are the URNs of the resources whose outputs it is made of; empty when the program did not say.
    """

    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"<unknown until {', '.join(short_name(urn) for urn in self.sources) or 'deployed'}>"


@dataclass(frozen=True)
class Secret:
    """A value marked secret. Its content is kept for comparison and never shown."""

    value: Json = field(repr=False)

    def __str__(self) -> str:
        return "<secret>"


@dataclass(frozen=True)
class Alias:
    """Another URN that a resource may have had: whole, or what differs in it from its own.

    Source: https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
    """

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent_urn: str = ""
    no_parent: bool = False

    def __str__(self) -> str:
        differing = {
            "name": self.name,
            "type": self.type,
            "stack": self.stack,
            "project": self.project,
            "parentUrn": self.parent_urn,
            "noParent": self.no_parent,
        }
        return self.urn or ", ".join(f"{name}={value}" for name, value in differing.items() if value)


@dataclass(frozen=True)
class Options:
    """The resource options that the engine acts upon; see Pulumi's documentation of resource options."""

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    deleted_with: str = ""
    import_id: str = ""
    timeouts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Registration:
    """One resource as the program registered it (or read it, when `read_id` is set).

    `inputs` holds plain JSON values with `Unknown` and `Secret` in place of what can't be shown; `provider` is the URN
    of an explicit provider or empty; `outputs` are those that a component registered last, or a stack's exports.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    remote: bool
    inputs: Mapping[str, Json]
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str = ""
    providers: tuple[tuple[str, str], ...] = ()
    options: Options = Options()
    outputs: Mapping[str, Json] = field(default_factory=dict)
    read_id: str = ""


class Registrations(Mapping[str, Registration]):
    """The registrations of one stack by URN, in the order of their URNs."""

    def __init__(self, registrations: Iterable[Registration]) -> None:
        self._by_urn = {r.urn: r for r in sorted(registrations, key=lambda r: r.urn)}

    def __getitem__(self, urn: str) -> Registration:
        return self._by_urn[urn]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_urn)

    def __len__(self) -> int:
        return len(self._by_urn)

    def of_type(self, token: str) -> list[Registration]:
        """The registrations whose type is `token`, in the order of their URNs."""
        return [r for r in self._by_urn.values() if r.type == token]

    def one(self, token: str, name: str | None = None) -> Registration:
        """The only registration of type `token` (and `name`).

        Raises:
            LookupError: there is none, or more than one.
        """
        found = [r for r in self.of_type(token) if name is None or r.name == name]
        if len(found) != 1:
            names = ", ".join(r.name for r in self.of_type(token)) or "none"
            raise LookupError(f"{len(found)} registrations of {token} named {name or 'anything'}; registered: {names}")
        return found[0]

    @property
    def stack(self) -> Registration:
        """The stack itself; its outputs are the program's exports."""
        return self.one(STACK_TYPE)

    def children(self, urn: str) -> list[Registration]:
        """The registrations whose parent is `urn`."""
        return [r for r in self._by_urn.values() if r.parent == urn]


def short_name(urn: str) -> str:
    """`Vpc platform-dev` for a URN whose last type is `aws:ec2/vpc:Vpc`."""
    _, _, types, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    return f"{types.split('$')[-1].rsplit(':', 1)[-1]} {name}"


def make_urn(stack: str, project: str, parent: str, token: str, name: str) -> str:
    """The URN the engine gives a resource: its ancestors' types, the stack's left out, joined by `$`.

    Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
    """
    parent_types = parent.split("::")[2] if parent else STACK_TYPE
    types = token if parent_types == STACK_TYPE else f"{parent_types}${token}"
    return f"urn:pulumi:{stack}::{project}::{types}::{name}"


def from_request(urn: str, request: resource_pb2.RegisterResourceRequest) -> Registration:
    """The registration in a raw RegisterResource request, whose resource gets `urn`."""
    dependencies = {name: tuple(sorted(d.urns)) for name, d in request.propertyDependencies.items()}
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        remote=request.remote,
        inputs=plain_properties(request.object, dependencies),
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={name: urns for name, urns in sorted(dependencies.items()) if urns},
        provider=_provider_urn(request.provider),
        providers=tuple(sorted((package, _provider_urn(ref)) for package, ref in request.providers.items())),
        options=Options(
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            aliases=tuple(_alias(alias) for alias in request.aliases)
            + tuple(Alias(urn=urn) for urn in request.aliasURNs),
            deleted_with=request.deletedWith,
            import_id=request.importId,
            timeouts=tuple(
                (step, value)
                for step in ("create", "update", "delete")
                if (value := getattr(request.customTimeouts, step))
            ),
        ),
    )


def from_read(urn: str, request: resource_pb2.ReadResourceRequest) -> Registration:
    """The registration in a raw ReadResource request (a `get` of an existing resource, or a StackReference)."""
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=True,
        remote=False,
        inputs=plain_properties(request.properties, {}),
        dependencies=tuple(sorted(request.dependencies)),
        provider=_provider_urn(request.provider),
        read_id=request.id,
    )


def plain_properties(
    properties: struct_pb2.Struct, dependencies: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, Json]:
    """JSON of a property map as the SDK sends it, with `Unknown` and `Secret` for its sentinels, keys sorted."""
    by_name = dependencies or {}
    values = json_format.MessageToDict(properties)
    return {name: _plain(values[name], by_name.get(name, ())) for name in sorted(values)}


def unknowns(value: Json) -> Iterator[tuple[Path, Unknown]]:
    """What is `Unknown` in a value, in its secrets too, with its path."""
    for path, leaf in leaves(value):
        match leaf:
            case Unknown():
                yield path, leaf
            case Secret(content):
                yield from (((*path, *below), unknown) for below, unknown in unknowns(content))


def sources_of(value: Json) -> set[str]:
    """The URNs of the resources of whose outputs a value is made, as far as the program said."""
    return {urn for _, unknown in unknowns(value) for urn in unknown.sources}


def has_unknown(value: Json) -> bool:
    """Whether a value is `Unknown` or holds one, at any depth."""
    return any(True for _ in unknowns(value))


def _plain(value: Json, sources: tuple[str, ...]) -> Json:
    """Not `mapped`: here some of the mappings stand for leaves."""
    if value == rpc.UNKNOWN:
        return Unknown(sources)
    if isinstance(value, list):
        return [_plain(item, sources) for item in value]
    if isinstance(value, dict):
        match value.get(rpc._special_sig_key):
            case rpc._special_secret_sig:
                return Secret(_plain(value.get("value"), sources))
            case rpc._special_resource_sig:
                return value["urn"]
            case None:
                return {key: _plain(value[key], sources) for key in sorted(value)}
            case signature:
                raise ValueError(f"a property value of the kind {signature} has no form among registrations")
    return whole(value)


def _provider_urn(reference: str) -> str:
    """A provider reference is `<urn>::<id>`; the id is unknown before the first deployment."""
    return reference.rsplit("::", 1)[0] if reference else ""


def _alias(alias: alias_pb2.Alias) -> Alias:
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent_urn=spec.parentUrn,
        no_parent=spec.noParent,
    )
