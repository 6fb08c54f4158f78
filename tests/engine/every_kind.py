"""A program that registers resources in every way this project does, for comparing monitors. It needs no settings."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s
from pulumi import Alias, CustomTimeouts, Output, ResourceOptions

KUBECONFIG = json.dumps({"apiVersion": "v1", "kind": "Config", "clusters": []})


class Leaf(pulumi.ComponentResource):
    """Two custom resources, the second of which uses what only the deployment of the first can give."""

    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("elastic-spark:test:Leaf", name, None, opts)
        child = ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(f"{name}-bucket", bucket=f"{name}-data", tags={"a": "b", "n": "1"}, opts=child)
        self.key = aws.ssm.Parameter(
            f"{name}-key",
            name=f"/{name}/key",
            type="SecureString",
            value=Output.secret("hunter2"),
            description=self.bucket.arn.apply(lambda arn: f"for {arn}"),
            opts=child,
        )
        self.register_outputs({"bucketName": self.bucket.bucket, "arn": self.bucket.arn})


class Tree(pulumi.ComponentResource):
    """A component of components."""

    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("elastic-spark:test:Tree", name, {"size": 3}, opts)
        self.leaf = Leaf(f"{name}-leaf", ResourceOptions(parent=self))
        self.register_outputs({})


def program() -> None:
    """Register everything."""
    tree = Tree("tree")
    _options(tree)
    cluster = _cluster(tree)
    _kubernetes("late", k8s.Provider("late", kubeconfig=cluster.kubeconfig_json, cluster_identifier="platform"), tree)
    _kubernetes("early", k8s.Provider("early", kubeconfig=KUBECONFIG, enable_server_side_apply=True), tree)
    other = pulumi.StackReference("organization/elastic-spark/other")
    aws.ssm.Parameter(
        "from-other",
        type="String",
        value=other.require_output("contract").apply(lambda contract: json.dumps(contract, sort_keys=True)),
        description=other.get_output("absent").apply(lambda value: f"absent: {value}"),
    )
    aws.ec2.Vpc.get("existing", "vpc-0123456789abcdef0")
    pulumi.export("known", {"size": 3, "name": tree.leaf.bucket.bucket})
    pulumi.export("unknown", tree.leaf.bucket.arn)
    pulumi.export("secret", Output.secret({"password": "hunter2"}))
    pulumi.export("endpoint", Output.json_dumps({"oidc": cluster.oidc_issuer, "n": 1}))


def _options(tree: Tree) -> None:
    elsewhere = aws.Provider(
        "elsewhere", region="eu-west-1", default_tags={"tags": {"team": "x"}}, allowed_account_ids=["000123456789"]
    )
    aws.s3.Bucket(
        "options",
        bucket="options",
        force_destroy=True,
        opts=ResourceOptions(
            protect=True,
            retain_on_delete=True,
            delete_before_replace=True,
            ignore_changes=["tags", "forceDestroy"],
            replace_on_changes=["bucket"],
            additional_secret_outputs=["arn"],
            custom_timeouts=CustomTimeouts(create="5m", delete="1h"),
            deleted_with=tree.leaf.bucket,
            depends_on=[tree],
            provider=elsewhere,
            aliases=[
                Alias(name="older"),
                Alias(parent=tree),
                Alias(type_="aws:s3/bucketV2:BucketV2"),
                "urn:pulumi:a::b::c:d:E::f",
            ],
        ),
    )
    aws.s3.Bucket("replaced", opts=ResourceOptions(delete_before_replace=False, depends_on=[tree.leaf.key]))
    Leaf("apart", ResourceOptions(providers=[elsewhere], protect=True, aliases=[Alias(name="once")]))


def _cluster(tree: Tree) -> eks.Cluster:
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    subnets = [aws.ec2.Subnet(f"subnet-{i}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24") for i in range(2)]
    cluster = eks.Cluster(
        "platform",
        name="platform",
        version="1.36",
        vpc_id=vpc.id,
        private_subnet_ids=[subnet.id for subnet in subnets],
        encryption_config_key_arn=Output.secret("arn:aws:kms:eu-west-1:000123456789:key/x"),
        authentication_mode=eks.AuthenticationMode.API,
        skip_default_node_group=True,
        use_default_vpc_cni=True,
        kube_proxy_addon_options=eks.KubeProxyAddonOptionsArgs(enabled=False),
        coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),
        create_oidc_provider=False,
        endpoint_private_access=True,
        endpoint_public_access=False,
        tags={"vpc": vpc.id, "k": "v"},
        opts=ResourceOptions(protect=True, parent=tree),
    )
    aws.eks.AccessEntry(
        "nodes",
        cluster_name="platform",
        principal_arn="arn:aws:iam::000123456789:role/nodes",
        type="EC2_LINUX",
        opts=ResourceOptions(depends_on=[cluster]),
    )
    aws.ec2.SecurityGroupRule(
        "from-nodes",
        type="ingress",
        protocol="tcp",
        from_port=443,
        to_port=443,
        security_group_id=cluster.cluster_security_group_id,
        source_security_group_id=cluster.node_security_group_id,
    )
    aws.ssm.Parameter(
        "endpoint",
        type="String",
        value=cluster.kubeconfig_json.apply(lambda text: json.loads(text)["clusters"][0]["cluster"]["server"]),
        opts=ResourceOptions(parent=cluster),
    )
    return cluster


def _kubernetes(name: str, provider: k8s.Provider, tree: Tree) -> None:
    with_provider = ResourceOptions(provider=provider, parent=tree)
    namespace = k8s.core.v1.Namespace(
        f"{name}-ns", metadata={"name": f"{name}-system", "labels": {"a": "b"}}, opts=with_provider
    )
    k8s.core.v1.ConfigMap(
        f"{name}-map",
        metadata={"namespace": namespace.metadata.name, "name": "settings"},
        data={"arn": tree.leaf.bucket.arn, "plain": "x", "phase": namespace.status.apply(lambda _: "seen")},
        opts=with_provider,
    )
    k8s.helm.v3.Release(
        f"{name}-chart",
        chart="yunikorn",
        version="1.9.0",
        namespace=namespace.metadata["name"],
        repository_opts=k8s.helm.v3.RepositoryOptsArgs(repo="https://charts.invalid"),
        values={"a": {"b": [1, 2.5, "x", None, True]}, "secret": Output.secret("s"), "arn": tree.leaf.bucket.arn},
        opts=ResourceOptions.merge(with_provider, ResourceOptions(depends_on=[namespace])),
    )
    k8s.apiextensions.CustomResource(
        f"{name}-custom",
        api_version="autoscaling.x-k8s.io/v1beta1",
        kind="CapacityBuffer",
        metadata={"name": "headroom", "namespace": namespace.metadata.name},
        spec={"replicas": 8, "podTemplateRef": {"name": "t"}},
        opts=with_provider,
    )
