"""What forces a new resource by the sources of the providers, for the types that the program registers.

Kept by hand, because the docstrings of the SDKs leave nearly all of it out. To be read anew when a provider's version
or the list of types changes; `fleet.offline.changes.force_new_table` refuses a property that the SDK does not have.

- AWS: terraform-provider-aws 6.58.0, https://github.com/hashicorp/terraform-provider-aws/tree/v6.58.0/internal:
  `ForceNew` and `RequiresReplace` in the schemas of service/, what their CustomizeDiff and ModifyPlan add, and
  forceNewIfRegionChanges of provider/. Its inputs of these types are those of pulumi-aws 7.51.1, which adds no rule of
  its own (https://github.com/pulumi/pulumi-aws, provider/resource_overrides.go).
- Kubernetes: pulumi-kubernetes 4.32.0, https://github.com/pulumi/pulumi-kubernetes/tree/v4.32.0/provider/pkg/provider:
  forceNew in diff.go, DiffConfig in provider.go, Diff in helm_release.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SOURCES: Final = ("terraform-provider-aws 6.58.0", "pulumi-kubernetes 4.32.0")

AWS: Final[Mapping[str, str]] = {
    "aws:acm/certificate:Certificate": """
        certificateAuthorityArn domainName keyAlgorithm subjectAlternativeNames validationMethod validationOptions
    """,
    "aws:acm/certificateValidation:CertificateValidation": "certificateArn validationRecordFqdns",
    "aws:amp/workspace:Workspace": "kmsKeyArn",
    "aws:amp/workspaceConfiguration:WorkspaceConfiguration": "workspaceId",
    "aws:autoscaling/attachment:Attachment": "autoscalingGroupName elb lbTargetGroupArn",
    "aws:autoscaling/group:Group": "initialLifecycleHooks name namePrefix",
    "aws:autoscaling/schedule:Schedule": "autoscalingGroupName scheduledActionName",
    "aws:cloudwatch/logGroup:LogGroup": "logGroupClass name namePrefix",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "vpcId",
    "aws:ec2/eip:Eip": "address domain ipamPoolId networkBorderGroup publicIpv4Pool",
    "aws:ec2/flowLog:FlowLog": """
        deliverCrossAccountRole destinationOptions eniId iamRoleArn logDestination logDestinationType logFormat
        maxAggregationInterval regionalNatGatewayId subnetId tagFieldSpecifications trafficType
        transitGatewayAttachmentId transitGatewayId vpcId
    """,
    "aws:ec2/internetGateway:InternetGateway": "",
    "aws:ec2/launchTemplate:LaunchTemplate": "name namePrefix",
    "aws:ec2/natGateway:NatGateway": "allocationId availabilityMode connectivityType privateIp subnetId vpcId",
    "aws:ec2/route:Route": "destinationCidrBlock destinationIpv6CidrBlock destinationPrefixListId routeTableId",
    "aws:ec2/routeTable:RouteTable": "vpcId",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "gatewayId subnetId",
    "aws:ec2/securityGroup:SecurityGroup": "description name namePrefix vpcId",
    "aws:ec2/subnet:Subnet": """
        availabilityZone availabilityZoneId cidrBlock ipv4IpamPoolId ipv4NetmaskLength ipv6IpamPoolId ipv6Native
        ipv6NetmaskLength outpostArn vpcId
    """,
    "aws:ec2/subnetCidrReservation:SubnetCidrReservation": "cidrBlock description reservationType subnetId",
    "aws:ec2/vpc:Vpc": "cidrBlock ipv4IpamPoolId ipv4NetmaskLength",
    "aws:ec2/vpcEndpoint:VpcEndpoint": """
        dnsOptions.privateDnsPreference dnsOptions.privateDnsSpecifiedDomains resourceConfigurationArn serviceName
        serviceNetworkArn serviceRegion vpcEndpointType vpcId
    """,
    "aws:eks/accessEntry:AccessEntry": "clusterName principalArn type",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "accessScope clusterName policyArn principalArn",
    "aws:eks/addon:Addon": "addonName clusterName namespaceConfig",
    "aws:eks/identityProviderConfig:IdentityProviderConfig": "clusterName oidc",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "clusterName namespace serviceAccount",
    "aws:grafana/workspace:Workspace": "authenticationProviders kmsKeyId",
    "aws:iam/instanceProfile:InstanceProfile": "name namePrefix path",
    "aws:iam/policy:Policy": "description name namePrefix path",
    "aws:iam/role:Role": "name namePrefix path",
    "aws:iam/rolePolicy:RolePolicy": "name namePrefix role",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn role",
    "aws:kms/alias:Alias": "name namePrefix",
    "aws:kms/key:Key": "customKeyStoreId customerMasterKeySpec keyUsage multiRegion xksKeyId",
    "aws:lb/listener:Listener": "loadBalancerArn",
    "aws:lb/loadBalancer:LoadBalancer": "customerOwnedIpv4Pool internal loadBalancerType name namePrefix",
    "aws:lb/targetGroup:TargetGroup": "ipAddressType name namePrefix port protocol protocolVersion targetType vpcId",
    "aws:route53/record:Record": "name zoneId",
    "aws:s3/bucket:Bucket": """
        bucket bucketNamespace bucketPrefix objectLockConfiguration.objectLockEnabled objectLockEnabled
    """,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "bucket expectedBucketOwner",
    "aws:s3/bucketObjectv2:BucketObjectv2": "bucket key",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "bucket",
    "aws:s3/bucketPolicy:BucketPolicy": "bucket",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "bucket",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "bucket",
    "aws:s3/bucketVersioning:BucketVersioning": "bucket",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "securityGroupId",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "securityGroupId",
}
"""Properties that always force a new resource, by type; every type of the AWS provider that the program registers."""

REGION_IF: Final = "the region of the resource becomes another"
"""Of every AWS resource that has the property `region`."""
_OWNER_IF: Final = "the owner becomes another: naming the provider's own account is no change"
_SOURCE_IF: Final = "the rule's source becomes one of another kind"
_SOURCES_IF: Final = dict.fromkeys(("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"), _SOURCE_IF)
_CLUSTER_IF: Final = "the provider has no clusterIdentifier, and its active cluster becomes another"

CONDITIONAL: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:ec2/natGateway:NatGateway": {
        "availabilityZoneAddresses": "the first one comes, or the last one goes",
        "secondaryPrivateIpAddressCount": "connectivityType is private",
    },
    "aws:ec2/subnet:Subnet": {"ipv6CidrBlock": "the subnet had one, and assignIpv6AddressOnCreation was on"},
    "aws:ec2/vpc:Vpc": {"instanceTenancy": "it does not go from dedicated to default"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"privateDnsEnabled": "vpcEndpointType is not Interface"},
    "aws:lb/loadBalancer:LoadBalancer": {
        "securityGroups": "it is a network load balancer, and the first one comes, or the last one goes",
        "subnetMappings": "it is a network load balancer, and one goes or becomes another",
        "subnets": "it is a network load balancer, and they don't become more",
    },
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "expectedBucketOwner": _OWNER_IF
    },
    "aws:s3/bucketVersioning:BucketVersioning": {"expectedBucketOwner": _OWNER_IF},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _SOURCES_IF,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _SOURCES_IF,
    "pulumi:providers:kubernetes": {"cluster": _CLUSTER_IF, "context": _CLUSTER_IF, "kubeconfig": _CLUSTER_IF},
}
"""Properties that force a new resource on a condition, by type: what follows "it is replaced if"."""

KUBERNETES_KIND: Final = "metadata.name metadata.namespace"
"""Of every kind of object, custom ones and patches of existing objects included."""

_CONTAINER: Final = """
    args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin
    stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir
"""
_POD: Final = """
    affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID
    hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates
    restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace
    subdomain terminationGracePeriodSeconds volumes
"""
_VOLUME: Final = """
    awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs
    hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume
"""


def _below(path: str, names: str) -> str:
    return " ".join(f"{path}.{name}" for name in names.split())


KUBERNETES: Final[Mapping[str, str]] = {
    "kubernetes:apps/v1:DaemonSet": "spec.selector",
    "kubernetes:apps/v1:Deployment": "spec.selector",
    "kubernetes:apps/v1:StatefulSet": _below(
        "spec", "podManagementPolicy revisionHistoryLimit selector serviceName volumeClaimTemplates"
    ),
    "kubernetes:batch/v1:Job": _below("spec", "completions parallelism selector template"),
    # The program leaves the provider's enableConfigMapMutable and enableSecretMutable off.
    "kubernetes:core/v1:ConfigMap": "binaryData data",
    "kubernetes:core/v1:PersistentVolume": _below("spec", _VOLUME),
    "kubernetes:core/v1:PersistentVolumeClaim": _below("spec", "accessModes selector storageClassName volumeName"),
    "kubernetes:core/v1:Pod": " ".join(
        (_below("spec", _POD), _below("spec.containers", _CONTAINER), _below("spec.initContainers", _CONTAINER))
    ),
    "kubernetes:core/v1:ResourceQuota": "spec.scopes",
    "kubernetes:core/v1:Secret": "data stringData type",
    "kubernetes:core/v1:Service": "spec.clusterIP",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": "roleRef",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": "roleRef",
    "kubernetes:storage.k8s.io/v1:StorageClass": "parameters provisioner",
}
"""Beside those of every kind: all kinds of which the provider knows more, in the versions that Kubernetes serves."""

OTHERS: Final[Mapping[str, str]] = {
    "kubernetes:helm.sh/v3:Release": "name namespace",
    "pulumi:providers:aws": "",
    "pulumi:providers:kubernetes": "clusterIdentifier renderYamlToDirectory",
}
"""Releases of charts, which are no objects of Kubernetes, and the providers themselves."""

READ_ONLY: Final = ("pulumi:pulumi:StackReference",)
"""Types of the engine itself whose resources are only read."""
