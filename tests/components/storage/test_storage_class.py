from components.storage.storage_class import StorageClass, StorageClassArgs
from fleet.offline.registration import Registration
from tests.recording import registrations_of


def storage_class(key_arn: str | None = None) -> Registration:
    return registrations_of(lambda: StorageClass("prod-storage-class", StorageClassArgs(key_arn=key_arn))).one(
        "kubernetes:storage.k8s.io/v1:StorageClass"
    )


def test_claims_that_name_no_class_get_encrypted_volumes_where_their_pod_runs() -> None:
    inputs = storage_class().inputs
    assert inputs["metadata"] == {
        "name": "gp3",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    }
    assert inputs["provisioner"] == "ebs.csi.aws.com"
    assert inputs["parameters"]["encrypted"] == "true"
    assert inputs["volumeBindingMode"] == "WaitForFirstConsumer"


def test_volumes_say_tenant_and_queue_by_the_claims_namespace_and_none_in_the_platforms_own() -> None:
    """The very templates were evaluated with the driver's own code for `ads-nightly` and `spark-system`."""
    ours = '"kube-node-lease" "kube-public" "kube-system" "spark-system"'
    parameters = storage_class().inputs["parameters"]
    condition = f"{{{{ if not (eq .PVCNamespace {ours}) }}}}"
    assert parameters["tagSpecification_1"] == (
        f'elastic-spark:tenant={condition}{{{{ .PVCNamespace | field "-" 0 }}}}{{{{ end }}}}'
    )
    assert parameters["tagSpecification_2"] == f"elastic-spark:queue={condition}{{{{ .PVCNamespace }}}}{{{{ end }}}}"


def test_a_class_that_changes_is_deleted_first_as_there_can_be_one_of_a_name_only() -> None:
    assert storage_class().options.delete_before_replace


def test_volumes_are_encrypted_by_the_key_that_is_named_and_by_the_accounts_default_else() -> None:
    key = "arn:aws:kms:eu-central-1:111122223333:key/0f5c6bb4-6b4c-4d0c-a8ab-2b0b8b0c6f6a"
    assert storage_class(key).inputs["parameters"]["kmsKeyId"] == key
    assert "kmsKeyId" not in storage_class().inputs["parameters"]
