"""Type tokens of resources that rows change or add, and names of the samples."""

from __future__ import annotations

from typing import Final

ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
ROLE: Final = "aws:iam/role:Role"
JOB: Final = "kubernetes:batch/v1:Job"
DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
SERVICE: Final = "kubernetes:core/v1:Service"
CLUSTER: Final = "eks:index:Cluster"
BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
CLUSTER_ROLE_BINDING: Final = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
NETWORK_POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
IN_QUEUE: Final = {"name": "by-hand", "namespace": "ads-batch"}
ACCOUNT: Final = "111122223333"
