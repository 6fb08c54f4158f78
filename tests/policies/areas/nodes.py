"""Rows on the rules about nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from components.nodes.user_data import node_config, user_data
from policies.rules.pools import POOL, TEMPLATE
from sizing.autoscaling_tags import Taint
from tests.components.nodes.boots import BOOT
from tests.policies.drafts import UNKNOWN, Edit, add, put
from tests.policies.rows import Kept, Mutation, Way


def boots(pool: str, *taints: Taint) -> Edit:
    """Lets a launch template start nodes that join with this pool's label and these taints."""
    config = node_config(
        replace(BOOT, platform="spark-dev"),
        labels={"elastic-spark/pool": pool, "elastic-spark/purpose": "executor"},
        taints=taints,
        max_pods=16,
        instance_store=False,
    )
    return put(TEMPLATE, "userData", user_data(config))


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="nodes-carry-their-pools-label-and-taint",
        stack="platform-dev",
        breaks=put(POOL, "nodeConfig/spec/kubelet/config/registerWithTaints", []),
    ),
    Mutation(
        rule="metadata-service-is-for-the-node-alone",
        stack="ads-dev",
        breaks=put(TEMPLATE, "metadataOptions/httpPutResponseHopLimit", 2),
        unknown=put(TEMPLATE, "metadataOptions/httpTokens", UNKNOWN),
    ),
    Mutation(
        rule="disks-are-encrypted",
        stack="ads-dev",
        breaks=put(TEMPLATE, "blockDeviceMappings/0/ebs/encrypted", "false"),
    ),
    Mutation(
        rule="disks-have-the-platforms-key",
        stack="ads-prod",
        breaks=put(TEMPLATE, "blockDeviceMappings/0/ebs/kmsKeyId", ...),
    ),
    Mutation(
        rule="nodes-have-no-ssh-key",
        stack="ads-dev",
        breaks=put(TEMPLATE, "keyName", UNKNOWN),
        unknown=None,
    ),
    Mutation(
        rule="nodes-have-no-public-address",
        stack="ads-dev",
        breaks=put(TEMPLATE, "networkInterfaces/0/associatePublicIpAddress", "true"),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        ("nodes-carry-their-pools-label-and-taint", "ads-dev", edit, said)
        for edit, said in (
            (boots("ads-batch-main"), "no taint elastic-spark/pool=ads-batch-main:NoSchedule"),
            (
                boots("search-adhoc-main", Taint("elastic-spark/pool", "search-adhoc-main", "NoSchedule")),
                "starts nodes of search-adhoc-main",
            ),
            (put(TEMPLATE, "userData", ...), "userData is not set"),
            (put(TEMPLATE, "userData", "IyEvYmluL3No"), "the rule can't read it"),
        )
    ),
    *(
        ("nodes-have-no-public-address", "platform-dev", edit, said)
        for edit, said in (
            (add("aws:ec2/instance:Instance"), "the subnet decides"),
            (add("aws:ec2/eipAssociation:EipAssociation", instanceId="i-0"), "instanceId is set"),
            (add("aws:ec2/eip:Eip", networkInterface="eni-0"), "networkInterface is set"),
        )
    ),
    ("metadata-service-is-for-the-node-alone", "ads-dev", add("aws:ec2/instance:Instance"), "httpTokens is not set"),
    ("disks-are-encrypted", "ads-dev", add("aws:ec2/instance:Instance"), "rootBlockDevice is not"),
    (
        "disks-are-encrypted",
        "ads-dev",
        add("aws:ec2/instance:Instance", ebsBlockDevices=[{"deviceName": "/dev/xvdb"}]),
        "/dev/xvdb is not",
    ),
    (
        "nodes-carry-their-pools-label-and-taint",
        "ads-dev",
        put(POOL, "nodeConfig/spec/kubelet/flags", ["--node-labels=a=b"]),
        "no label elastic-spark/pool=ads-batch-main",
    ),
    (
        "metadata-service-is-for-the-node-alone",
        "ads-dev",
        put(TEMPLATE, "metadataOptions", ...),
        "httpTokens is not set",
    ),
    (
        "disks-are-encrypted",
        "ads-dev",
        put(TEMPLATE, "blockDeviceMappings", ...),
        "the image's own, without a block device mapping",
    ),
    ("disks-are-encrypted", "ads-dev", add("aws:ebs/volume:Volume", size=10), "the volume is not"),
    ("nodes-have-no-ssh-key", "ads-dev", add("aws:ec2/keyPair:KeyPair", publicKey="ssh-ed25519 AAAA"), "a key pair"),
    ("nodes-have-no-public-address", "ads-dev", put(TEMPLATE, "networkInterfaces", ...), "the subnet decides"),
    ("nodes-have-no-public-address", "ads-dev", put(TEMPLATE, "networkInterfaces/0", {}), "the subnet decides"),
    (
        "nodes-have-no-public-address",
        "ads-dev",
        add("aws:ec2/instance:Instance", associatePublicIpAddress=True),
        "associatePublicIpAddress is on",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    ("nodes-have-no-public-address", "platform-dev", add("aws:ec2/eip:Eip", domain="vpc")),
    (
        "nodes-carry-their-pools-label-and-taint",
        "ads-dev",
        boots("ads-batch-main", Taint("elastic-spark/pool", "ads-batch-main", "NoSchedule")),
    ),
)
