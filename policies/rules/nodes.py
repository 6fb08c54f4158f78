"""Rules for nodes: what they carry, and who may reach them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Final

from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.pools import POOL, TEMPLATE
from sizing import names
from sizing.values import Json

INSTANCE: Final = "aws:ec2/instance:Instance"
ADDRESS: Final = "aws:ec2/eip:Eip"
ADDRESS_OF: Final = "aws:ec2/eipAssociation:EipAssociation"


@resource_rule(
    POOL,
    TEMPLATE,
    severity=Severity.CRITICAL,
    remedy="Register the nodes with the taint and the labels of their pool (components/nodes/user_data.py).",
)
def nodes_carry_their_pools_label_and_taint(resource: Resource) -> Iterator[str]:
    """Nodes join the cluster with the label and the taint of their pool.

    The taint keeps other queues' pods off an executor node, and Spark's off system nodes; the label is where a pool's
    own pods go.
    """
    config = resource.props["nodeConfig"] if resource.type == POOL else _booted(resource)
    if config is None:
        return
    kubelet = config["spec"]["kubelet"]
    flags = [flag.partition("--node-labels=")[2] for flag in kubelet.get("flags", ())]
    labels = dict(label.split("=", 1) for flag in flags for label in flag.split(",") if label)
    if resource.type == POOL:
        identity, purpose = resource.props["identity"], resource.props["purpose"]
    else:
        identity, purpose = labels.get(names.POOL_LABEL), labels.get(names.PURPOSE_LABEL)
        if identity is None or f"-{identity}-" not in resource.props["name"]:
            yield f"{resource.props['name']} starts nodes of {identity or 'no pool'}"
    taint = {"key": names.POOL_LABEL, "value": identity, "effect": "NoSchedule"}
    if not any(_same(found, taint) for found in kubelet["config"].get("registerWithTaints", ())):
        yield f"no taint {names.POOL_LABEL}={identity}:NoSchedule"
    for label, value in ((names.POOL_LABEL, identity), (names.PURPOSE_LABEL, purpose)):
        if labels.get(label) != value:
            yield f"no label {label}={value}"


@resource_rule(
    TEMPLATE,
    INSTANCE,
    severity=Severity.CRITICAL,
    remedy="Set metadataOptions: httpTokens required, httpPutResponseHopLimit 1.",
)
def metadata_service_is_for_the_node_alone(node: Resource) -> Iterator[str]:
    """The node's metadata service takes IMDSv2 only, and answers no pod.

    A pod that reaches it has the node's rights; one hop ends on the node.
    """
    options = node.props.get("metadataOptions") or {}
    if options.get("httpTokens") != "required":
        yield f"httpTokens is {options.get('httpTokens', 'not set')}"
    if options.get("httpPutResponseHopLimit") != 1:
        yield f"httpPutResponseHopLimit is {options.get('httpPutResponseHopLimit', 'not set')}"


@resource_rule(
    TEMPLATE,
    INSTANCE,
    "aws:ebs/volume:Volume",
    remedy='Set encrypted to "true" on every block device and volume.',
)
def disks_are_encrypted(resource: Resource) -> Iterator[str]:
    """Every disk is encrypted.

    Shuffle files and spilled data of all jobs of a node lie there.
    """
    for name, disk in _disks(resource):
        if disk.get("encrypted") not in (True, "true"):
            yield f"{name} is not"


@stack_rule(remedy="Give the pool the key's alias as the platform's contract says it (components/nodes/pool.py).")
def disks_have_the_platforms_key(stack: Stack) -> Iterator[Violation]:
    """Where the platform has a key for volumes, the disks of all nodes are encrypted by it.

    The account's default may be a key that Auto Scaling can't use: nodes end as they start, and nothing says why.
    """
    contract = stack.contract
    aws = contract.get("aws") if contract is not None else None
    alias = aws.get("volumeKeyAlias") if aws is not None else None
    if alias is None:
        return
    for template in stack.of_type(TEMPLATE):
        for name, disk in _disks(template):
            if not str(disk.get("kmsKeyId", "")).endswith(f":{alias}"):
                yield Violation(f"{name} is encrypted by {disk.get('kmsKeyId', 'the default')}", template.urn)


@resource_rule(
    TEMPLATE,
    INSTANCE,
    "aws:ec2/keyPair:KeyPair",
    remedy="Remove the key; `cluster.sessionManager` opens shells that are logged and need no key.",
)
def nodes_have_no_ssh_key(resource: Resource) -> Iterator[str]:
    """No SSH key opens a node.

    Keys are shared, never expire, and leave no trace of who used them.
    """
    if resource.type == "aws:ec2/keyPair:KeyPair":
        yield "a key pair"
    elif "keyName" in resource.props:
        yield "keyName is set"


@resource_rule(
    TEMPLATE,
    INSTANCE,
    ADDRESS,
    ADDRESS_OF,
    severity=Severity.CRITICAL,
    remedy='Set associatePublicIpAddress to "false" on every network interface.',
)
def nodes_have_no_public_address(resource: Resource) -> Iterator[str]:
    """No node has a public address.

    Nodes reach out through NAT or endpoints, and nobody outside reaches them.
    """
    if resource.type in (ADDRESS, ADDRESS_OF):
        for prop in ("instance", "instanceId", "networkInterface", "networkInterfaceId"):
            if prop in resource.props:
                yield f"{prop} is set: an address of its own"
        return
    interfaces = resource.props.get("networkInterfaces") or ()
    if resource.type == INSTANCE and not interfaces and "associatePublicIpAddress" not in resource.props:
        yield "associatePublicIpAddress is not set: the subnet decides"
    if resource.type == TEMPLATE and not interfaces:
        yield "no network interface says that it has none: the subnet decides"
    for place in (resource.props, *interfaces):
        if place.get("associatePublicIpAddress") in (True, "true"):
            yield "associatePublicIpAddress is on"
    if resource.type == TEMPLATE and any("associatePublicIpAddress" not in interface for interface in interfaces):
        yield "a network interface doesn't say: the subnet decides"


def _disks(resource: Resource) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """What is stored on; the image's own disk, of which nothing says that it is encrypted, where no other is named."""
    props = resource.props
    if resource.type == TEMPLATE:
        devices = [device for device in props.get("blockDeviceMappings") or () if "ebs" in device]
        yield from ((device.get("deviceName", "a device"), device["ebs"]) for device in devices)
        if not devices:
            yield "the image's own, without a block device mapping,", {}
    elif resource.type == INSTANCE:
        yield "rootBlockDevice", props.get("rootBlockDevice") or {}
        yield from ((device.get("deviceName", "a device"), device) for device in props.get("ebsBlockDevices") or ())
    else:
        yield "the volume", props


def _booted(template: Resource) -> Json | None:
    """The NodeConfig in a template's user data; None where it waits for a cluster to come, whose pools say the same."""
    if "userData" in template.props and "userData" not in dict(template.props.known_items()):
        return None
    text = base64.b64decode(template.props["userData"]).decode()
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


def _same(found: Mapping[str, Json], wanted: Mapping[str, str]) -> bool:
    return all(found.get(key) == value for key, value in wanted.items())
