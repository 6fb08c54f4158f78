"""The kinds of values that settings are made of."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from infra.settings.unreadable import Unreadable
from sizing import durations, instances, names, quantities, schedules
from sizing.autoscaling_tags import LONGEST_UNNEEDED, SHORTEST_UNNEEDED
from sizing.time_zones import time_zones


class Model(BaseModel):
    """A strict, immutable object of settings with camelCase keys; unknown keys are errors."""

    # Built when first used: a tenant's settings need nothing of a platform's.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_camel, defer_build=True)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401
            """Told of what isn't there: of a field that is wrong (`infra/settings/partial.py`)."""
            if name in type(self).model_fields:
                raise Unreadable(name)
            return super().__getattr__(name)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The schema with the attributes' docstrings as descriptions.

        pydantic's `use_attribute_docstrings` reads them from the source as each class is made: a third of the time that
        the settings take to load, at every start, for what the JSON Schema alone shows.
        """
        found = handler(schema)
        properties = handler.resolve_ref_schema(found)["properties"]
        for name, text in attribute_docstrings(cls):
            properties[cls.model_fields[name].alias].setdefault("description", text)
        return found


def attribute_docstrings(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """The fields of a model with the text below each, those of a class before those of its bases."""
    for each in model.__mro__[: model.__mro__.index(BaseModel)]:
        body = [node for part in ast.parse(textwrap.dedent(inspect.getsource(each))).body for node in part.body]  # type: ignore[attr-defined]
        for statement, below in pairwise(body):
            match statement, below:
                case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                    yield name, inspect.cleandoc(text)


def allowed(text: str) -> PydanticCustomError:
    """The error of a value that is not allowed; `text` says what is."""
    return PydanticCustomError("not_allowed", "{allowed}", {"allowed": text})


@dataclass(frozen=True)
class Pattern:
    """Marks text that matches `regex` as a whole and has at most `longest` characters; `meaning` says so in words."""

    regex: str
    meaning: str
    longest: int = 2048

    def check(self, value: str) -> str:
        """Give the value back, or refuse it."""
        if len(value) > self.longest or not re.fullmatch(self.regex, value, re.ASCII):
            raise allowed(self.meaning)
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.regex}$", "maxLength": self.longest}


def dns_label(longest: int) -> Pattern:
    """A DNS label short enough for every name derived from it; see `sizing.names`."""
    return Pattern(
        "[a-z]([a-z0-9-]*[a-z0-9])?",
        f"1 to {longest} lower-case letters, digits and '-', starting with a letter, not ending with '-'",
        longest,
    )


PlatformName = Annotated[str, dns_label(names.MAXIMUM_PLATFORM)]
TenantName = Annotated[
    str,
    Pattern(
        "[a-z][a-z0-9]*",
        f"1 to {names.MAXIMUM_TENANT} lower-case letters and digits, starting with a letter",
        names.MAXIMUM_TENANT,
    ),
]
QueueName = Annotated[str, dns_label(names.MAXIMUM_QUEUE)]
QueueNamespace = Annotated[
    str,
    Pattern(
        "[a-z][a-z0-9]*-[a-z]([a-z0-9-]*[a-z0-9])?",
        "a queue's namespace, <tenant>-<queue>, such as ads-batch",
        names.MAXIMUM_TENANT + 1 + names.MAXIMUM_QUEUE,
    ),
]
PoolName = Annotated[str, dns_label(names.MAXIMUM_POOL)]
Generation = Annotated[
    str,
    Pattern("[a-z0-9]+", f"1 to {names.MAXIMUM_GENERATION} lower-case letters and digits", names.MAXIMUM_GENERATION),
]
Label = Annotated[str, dns_label(32)]
AccountId = Annotated[str, Pattern(r"[0-9]{12}", 'a quoted AWS account id of 12 digits, such as "111122223333"')]
Region = Annotated[str, Pattern(r"[a-z]{2}(-[a-z]+)+-[0-9]", "an AWS region, such as eu-central-1")]
ZoneName = Annotated[str, Pattern(r"[a-z]{2}(-[a-z]+)+-[0-9][a-z]", "an Availability Zone, such as eu-central-1a")]
VpcId = Annotated[str, Pattern(r"vpc-[0-9a-f]{8,17}", "the id of a VPC, such as vpc-0123456789abcdef0")]
SecurityGroupId = Annotated[
    str, Pattern(r"sg-[0-9a-f]{8,17}", "the id of a security group, such as sg-0123456789abcdef0")
]
SubnetId = Annotated[str, Pattern(r"subnet-[0-9a-f]{8,17}", "the id of a subnet, such as subnet-0123456789abcdef0")]
PrincipalArn = Annotated[
    str,
    Pattern(
        r"arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:(role|user)/([\w+=,.@-]+/)*[\w+=,.@-]+",
        "the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/data-platform",
    ),
]
Mirror = Annotated[
    str,
    Pattern(
        r"oci://[^\s/]+(/[^\s/]+)*|\.{0,2}/[^\s]+", "oci://REGISTRY/PATH, or the path of a folder that holds the charts"
    ),
]
BucketName = Annotated[
    str,
    Pattern(
        r"(?!xn--|sthree-|amzn-s3-demo-|[0-9]+(\.[0-9]+){3}$|.*\.\.)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)"
        r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "the name of an S3 bucket, without s3:// and path; no access point, no directory bucket",
        63,
    ),
]
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
KeyAlias = Annotated[
    str, Pattern(r"alias/(?!aws/)[A-Za-z0-9/_-]{1,250}", "the alias of a key of the account, such as alias/pulumi", 256)
]
KeyArn = Annotated[
    str,
    Pattern(
        r"arn:aws(-cn|-us-gov)?:kms:[a-z]{2}(-[a-z]+)+-[0-9]:[0-9]{12}:"
        r"(key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias/(?!aws/)[A-Za-z0-9/_-]{1,250})",
        "the ARN of a KMS key or of its alias, such as "
        "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        512,
    ),
]
ObjectPrefix = Annotated[
    str,
    Pattern(
        r"(?!(.*/)?\.\.?(/|$))([\w.=!'()-]+(/[\w.=!'()-]+)*)?",
        "a prefix of object names without slashes at start and end, of letters, digits and _.=!'()-; no . or .. as a "
        "folder, which Hadoop takes for another",
        512,
    ),
]
Image = Annotated[
    str,
    Pattern(
        r"[a-z0-9]+([._-][a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?",
        "the full name of a registry, of a folder in it or of an image, such as docker.io/apache/spark",
        512,
    ),
]
MavenGroup = Annotated[
    str,
    Pattern(
        r"[\w-]+(\.[\w-]+)*(:[\w.-]+)?",
        "a Maven group, such as org.apache.iceberg, or one artifact of it, GROUP:ARTIFACT",
    ),
]
SparkKey = Annotated[
    str,
    Pattern(
        r"spark(\.[\w*-]+)+\.?",
        "a setting of Spark, or with a dot at its end the beginning of several, such as spark.acme.",
    ),
]
KubernetesGroup = Annotated[
    str,
    Pattern(
        r"(?!system:)[\w.:@/=,+-]([\w .:@/=,+-]*[\w.:@/=,+-])?",
        "the name of a group of letters, digits, spaces and _.:@/=,+-, not one of Kubernetes' own (system:)",
        128,
    ),
]
Issuer = Annotated[
    str,
    Pattern(
        r"https://([A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*(:[0-9]+)?(/(?!\.well-known(/|$))[^\s/?#]+)*/?",
        "the https address of an issuer as its tokens name it (iss), by a public name, without a query and without "
        "/.well-known/openid-configuration",
        1024,
    ),
]
ClientId = Annotated[str, Pattern(r"[!-~]+", "the id of a client, as the issuer knows it, without spaces", 255)]
ClaimName = Annotated[
    str, Pattern(r"[\w.:/@-]+", "the name of a claim of ID tokens, such as groups, without spaces and at most 63", 63)
]
ClaimValue = Annotated[str, Pattern(r"[^\s](.*[^\s])?", "what a claim must say, in at most 253 characters", 253)]
Scope = Annotated[str, Pattern(r"[!#-\[\]-~]+", "a scope of OAuth, such as openid, without spaces", 255)]
Domain = Annotated[
    str,
    Pattern(
        r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])",
        f"a name of DNS in lower case, such as spark.example.com, with labels of at most 63 characters, and at most "
        f"{names.MAXIMUM_DOMAIN}",
        names.MAXIMUM_DOMAIN,
    ),
]
CertificateArn = Annotated[
    str,
    Pattern(
        r"arn:aws(-cn|-us-gov)?:acm:[a-z]{2}(-[a-z]+)+-[0-9]:[0-9]{12}:certificate/[0-9a-f-]{1,64}",
        "the ARN of a certificate in ACM, such as "
        "arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
        2048,
    ),
]
"""Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html"""
HostedZoneId = Annotated[
    str, Pattern(r"Z[A-Z0-9]{1,31}", "the id of a hosted zone in Route 53, such as Z0123456789ABCDEFGHIJ", 32)
]
StackName = Annotated[str, Pattern(r"[A-Za-z0-9_.-]{1,100}", "the name of a stack, such as platform-dev", 100)]
KubeconfigPath = Annotated[
    str, Pattern(r"[^~$\s][^\n]*", "a path as it is, without ~ and variables; or leave it out for KUBECONFIG", 1024)
]
AddOnVersion = Annotated[
    str, Pattern(r"v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+", "an EKS add-on version, such as v1.21.1-eksbuild.3")
]
AmiRelease = Annotated[str, Pattern(r"v[0-9]{8}", "a release of the EKS-optimized AMI, such as v20261110")]
TopicArn = Annotated[
    str,
    Pattern(
        r"arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]+:[0-9]{12}:[\w-]+",
        "the ARN of a topic of Amazon SNS, such as arn:aws:sns:eu-central-1:111122223333:spark-dev-alerts-platform",
        512,
    ),
]
SecretName = Annotated[
    str, Pattern(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", "the name of a Secret of Kubernetes, such as alert-receivers", 253)
]
SecretKey = Annotated[str, Pattern(r"[\w.-]+", "a key of a Secret, such as slack-webhook", 253)]
StorageClassName = Annotated[
    str, Pattern(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", "the name of a StorageClass, such as standard", 253)
]
SlackChannel = Annotated[str, Pattern(r"#?[\w.-]+", 'a quoted channel of Slack, such as "#spark-alerts"', 80)]
Url = Annotated[str, Pattern(r"https://[^\s/]+(/[^\s/]+)*/?", "an https address, without a query", 1024)]
TagKey = Annotated[
    str,
    Pattern(
        r"(?!(aws|elastic-spark):|ebs\.csi\.aws\.com/|.*k(8s|ubernetes)\.io/|[Nn][Aa][Mm][Ee]$)[\w .:/=+@-]{1,128}",
        "a tag key of 1 to 128 letters, digits and _.:/=+-@, other than Name, and none by which AWS, Kubernetes and "
        "the platform know things (aws:, ebs.csi.aws.com/, k8s.io/, kubernetes.io/, elastic-spark:)",
        128,
    ),
]
TagValue = Annotated[
    str, Pattern(r"[\w .:/=+@-]{0,256}", "a tag value of at most 256 letters, digits and _.:/=+-@", 256)
]


def _network(value: Any) -> IPv4Network:  # noqa: ANN401
    try:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9.]+/[0-9]{1,2}", value, re.ASCII):
            raise ValueError(value)
        return IPv4Network(value)
    except ValueError:
        raise allowed("an IPv4 network in CIDR form without host bits, such as 10.40.0.0/16") from None


Cidr = Annotated[
    IPv4Network, PlainValidator(_network), WithJsonSchema({"type": "string", "pattern": r"^[0-9.]+/[0-9]{1,2}$"})
]


def _kubernetes_version(value: str) -> str:
    match = re.fullmatch(r"1\.([0-9]{2})", value)
    if not match or int(match[1]) < 36:
        raise allowed('a quoted Kubernetes version of at least "1.36", the first with MutatingAdmissionPolicy v1')
    return value


KubernetesVersion = Annotated[
    str,
    AfterValidator(_kubernetes_version),
    WithJsonSchema({"type": "string", "pattern": r"^1\.(3[6-9]|[4-9][0-9])$"}),
]


def _time_of_day(value: str) -> str:
    try:
        schedules.parse_time(value)
    except ValueError:
        raise allowed('a quoted time of day, such as "07:30"') from None
    return value


TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]


def _to_an_hour(shortest: int) -> AfterValidator:
    """As Go writes durations, which have no days."""

    def validate(value: str) -> str:
        try:
            fine = "d" not in value and shortest <= durations.parse_duration(value) <= LONGEST_UNNEEDED
        except ValueError:
            fine = False
        if not fine:
            raise allowed(f"a duration of {shortest} seconds to an hour, such as 90s or 5m")
        return value

    return AfterValidator(validate)


UnneededTime = Annotated[str, _to_an_hour(SHORTEST_UNNEEDED)]
DelayAfterScaleOut = Annotated[str, _to_an_hour(0)]


def _time_zone(value: str) -> str:
    if value not in time_zones():
        close = difflib.get_close_matches(value, sorted(time_zones()), n=1)
        raise allowed("an IANA time zone, such as Europe/Berlin" + (f"; did you mean {close[0]}?" if close else ""))
    return value


TimeZone = Annotated[str, AfterValidator(_time_zone)]


def _instance_type(value: str) -> str:
    try:
        instances.instance(value)
    except instances.UnknownInstanceType as error:
        raise allowed(f"an instance type: {error.remedy}") from None
    return value


InstanceTypeName = Annotated[str, AfterValidator(_instance_type)]
InstanceTypes = Annotated[tuple[InstanceTypeName, ...], Field(min_length=1, max_length=20)]


def _quantity(parse: Any, example: str) -> BeforeValidator:  # noqa: ANN401
    def check(value: Any) -> int:  # noqa: ANN401
        try:
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise ValueError(value)
            amount: int = parse(str(value))
            if amount <= 0:
                raise ValueError(value)
        except ValueError:
            raise allowed(f"a positive Kubernetes quantity, such as {example}") from None
        return amount

    return BeforeValidator(check)


_QUANTITY_SCHEMA = WithJsonSchema({"type": ["string", "number"]})
Cpu = Annotated[int, _quantity(quantities.parse_cpu, "2 or 500m"), _QUANTITY_SCHEMA]
"""In millicores."""
Memory = Annotated[int, _quantity(quantities.parse_bytes, "8Gi or 512Mi"), _QUANTITY_SCHEMA]
"""In bytes."""

MAXIMUM_NODES = 5000
"""Nodes that a Kubernetes cluster is made for (https://kubernetes.io/docs/setup/best-practices/cluster-large/)."""
Nodes = Annotated[int, Field(ge=1, le=MAXIMUM_NODES)]
NodesOrNone = Annotated[int, Field(ge=0, le=MAXIMUM_NODES)]
Days = Annotated[int, Field(ge=1, le=36_500)]
"""At most a hundred years."""
Amount = Annotated[int, Field(ge=1, le=10**9)]


def _unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = sorted({str(value) for value in values if values.count(value) > 1})
    if twice:
        raise allowed(f"each entry once; {', '.join(twice)} is there more than once")
    return values


Unique = AfterValidator(_unique)

MAXIMUM_DEPLOYED = 100
"""Tenants that one deployer lists; more are `all`."""
DEPLOYED_TENANTS = "all, or a list of the names of tenants"


class _AllOrListed:
    """Marks a list of tenants or `all`, whose errors are those of the list: a union would have some for each kind."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        listed = Annotated[tuple[TenantName, ...], Field(min_length=1, max_length=MAXIMUM_DEPLOYED), Unique]
        return core_schema.no_info_wrap_validator_function(self._check, handler.generate_schema(listed))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"const": "all", "type": "string"}, handler(schema)]}

    @staticmethod
    def _check(value: Any, listed: ValidatorFunctionWrapHandler) -> tuple[str, ...] | Literal["all"]:  # noqa: ANN401
        if value == "all":
            return "all"
        if not isinstance(value, list):
            raise allowed(DEPLOYED_TENANTS)
        named: tuple[str, ...] = listed(tuple(value))
        return named


DeployedTenants = Annotated[tuple[str, ...] | Literal["all"], _AllOrListed()]
