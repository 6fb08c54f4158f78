import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
import typer
from botocore.stub import ANY, Stubber  # type: ignore[import-untyped]
from typer.testing import CliRunner, Result

from fleet import files
from fleet.commands.refresh_instances import refresh_instances
from fleet.live import instance_facts
from sizing.instances import InstanceType, instance, load

DAY = date(2026, 11, 1)
OLD = """{
"format": 1, "date": "2025-01-01", "source": "by hand", "currency": "USD",
"priceDates": {"eu-west-1": "2025-01-01", "us-east-1": "2025-01-01"},
"unitPrices": {"nat-gateway-hour": {"us-east-1": "0.01"}},
"instances": {
"m5.large": {"vcpu":9,"memoryMiB":8192,"arch":"amd64","hypervisor":"nitro","enis":3,"ipsPerEni":10,
 "networkGbps":[0.75,10],"nvme":[0,0],"encryptsInTransit":false,"usd":["0.107","0.099"]},
"m6i.large": {"vcpu":2,"memoryMiB":8192,"arch":"amd64","hypervisor":"nitro","enis":3,"ipsPerEni":10,
 "networkGbps":[0.75,10],"nvme":[0,0],"encryptsInTransit":false,"usd":["0.111","0.096"]},
"r5.large": {"vcpu":2,"memoryMiB":16384,"arch":"amd64","hypervisor":"nitro","enis":3,"ipsPerEni":10,
 "networkGbps":[0.75,10],"nvme":[0,0],"encryptsInTransit":false,"usd":[null,"0.126"]}
}
}
"""
UNIT_USAGE = {
    "alarm-month": "CW:AlarmMonitorUsage",
    "eks-cluster-hour": "USE1-AmazonEKS-Hours:perCluster",
    "gp3-gb-month": "EBS:VolumeUsage.gp3",
    "interface-endpoint-hour": "USE1-VpcEndpoint-Hours",
    "kms-key-month": "us-east-1-KMS-Keys",
    "load-balancer-hour": "LoadBalancerUsage",
    "load-balancer-unit-hour": "USE1-LCUUsage",
    "nat-gateway-gb": "USE1-NatGateway-Bytes",
    "nat-gateway-hour": "NatGateway-Hours",
    "public-ipv4-hour": "USE1-PublicIPv4:InUseAddress",
}


def described(item: InstanceType) -> dict[str, Any]:
    """An entry of DescribeInstanceTypes in the real shape."""
    card = {
        "NetworkCardIndex": 0,
        "MaximumNetworkInterfaces": item.enis,
        "BaselineBandwidthInGbps": item.network_baseline_gbps,
        "PeakBandwidthInGbps": item.network_burst_gbps,
    }
    info: dict[str, Any] = {
        "InstanceType": item.name,
        "Hypervisor": item.hypervisor,
        "VCpuInfo": {"DefaultVCpus": item.vcpu},
        "MemoryInfo": {"SizeInMiB": item.memory_mib},
        "ProcessorInfo": {"SupportedArchitectures": ["arm64" if item.architecture == "arm64" else "x86_64"]},
        "NetworkInfo": {
            "DefaultNetworkCardIndex": 0,
            "Ipv4AddressesPerInterface": item.ips_per_eni,
            "NetworkCards": [card],
            "EncryptionInTransitSupported": item.encrypts_in_transit,
        },
    }
    if item.nvme_disks:
        disks = [{"Count": item.nvme_disks, "SizeInGB": item.nvme_gb // item.nvme_disks, "Type": "ssd"}]
        info["InstanceStorageInfo"] = {"Disks": disks, "TotalSizeInGB": item.nvme_gb}
    return info


def product(usd: str, **attributes: str) -> str:
    """An entry of GetProducts in the real shape, with a second tier."""
    dimensions = {
        "tier2": {"beginRange": "1000", "pricePerUnit": {"USD": "0.0001"}},
        "tier1": {"beginRange": "0", "pricePerUnit": {"USD": usd}},
    }
    return json.dumps(
        {"product": {"attributes": attributes}, "terms": {"OnDemand": {"sku.term": {"priceDimensions": dimensions}}}}
    )


def priced(**prices: str) -> list[str]:
    return [product(usd, instanceType=name.replace("_", ".")) for name, usd in prices.items()]


class Aws:
    """Stubbed clients of one refresh; what is asked and answered is checked against the services' models."""

    def __init__(self) -> None:
        self.session = boto3.Session("id", "secret")
        self.stubs: dict[tuple[str, str], Stubber] = {}

    def client(self, service: str, region_name: str) -> Any:  # noqa: ANN401 - boto3 clients have no type
        return self.stub(service, region_name).client

    def stub(self, service: str, region: str) -> Stubber:
        if (service, region) not in self.stubs:
            stub = Stubber(self.session.client(service, region_name=region))
            stub.activate()
            self.stubs[service, region] = stub
        return self.stubs[service, region]

    def types(self, region: str, *names: str) -> None:
        """Answers DescribeInstanceTypes in pages of one type."""
        for i, name in enumerate(names):
            more = {"NextToken": f"page{i + 1}"} if i + 1 < len(names) else {}
            asked = {"NextToken": f"page{i}"} if i else {}
            page = {"InstanceTypes": [described(instance(name)), {"InstanceType": "mac2.metal"}], **more}
            self.stub("ec2", region).add_response("describe_instance_types", page, asked)

    def products(self, service: str, items: list[str]) -> None:
        self.stub("pricing", "us-east-1").add_response(
            "get_products", {"PriceList": items}, {"ServiceCode": service, "Filters": ANY}
        )

    def unit_prices(self, usd: str, *, without: str = "") -> None:
        for name, wanted in instance_facts.UNIT_PRICES.items():
            usage = "USE1-RegionalNatGateway-Hours" if name == without else UNIT_USAGE[name]
            self.products(wanted.service, [product("9", usagetype="Other"), product(usd, usagetype=usage)])


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    fake = Aws()
    monkeypatch.setattr(boto3, "Session", lambda: fake)
    yield fake
    for stub in fake.stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "instances.json"
    path.write_text(OLD, encoding="utf-8")
    return path


@pytest.fixture
def run(file: Path) -> Callable[..., Result]:
    app = typer.Typer()
    app.command()(refresh_instances)
    return lambda *arguments: CliRunner().invoke(app, ["--file", str(file), "--today", str(DAY), *arguments])


def both_regions(aws: Aws) -> None:
    for region, usd in (("eu-west-1", "0.2"), ("us-east-1", "0.1")):
        aws.types(region, "m5.large", "i4i.xlarge")
        aws.products("AmazonEC2", priced(m5_large=usd, mac2_metal="9", i4i_xlarge="0.3430000000"))
        aws.unit_prices("0.5")


def test_the_file_written_is_what_load_reads(aws: Aws, file: Path, run: Callable[..., Result]) -> None:
    both_regions(aws)
    result = run()
    assert result.exit_code == 0, result.output
    new = load(file.read_text(encoding="utf-8"))
    assert list(new.instances) == ["i4i.xlarge", "m5.large"]
    assert new.instances["i4i.xlarge"] == instance("i4i.xlarge")
    assert new.instances["m5.large"] == instance("m5.large")
    assert new.on_demand["eu-west-1"] == {"i4i.xlarge": Decimal("0.343"), "m5.large": Decimal("0.2")}
    assert new.on_demand["us-east-1"]["m5.large"] == Decimal("0.1")
    assert new.date == new.price_dates["eu-west-1"] == new.price_dates["us-east-1"] == DAY
    assert new.source == instance_facts.SOURCE
    assert {name: prices["us-east-1"] for name, prices in new.unit_prices.items()} == dict.fromkeys(
        instance_facts.UNIT_PRICES, Decimal("0.5")
    )


def test_counts_go_to_stdout_and_progress_to_stderr(aws: Aws, run: Callable[..., Result]) -> None:
    both_regions(aws)
    result = run()
    assert "1 added, 2 removed, 1 changed" in result.stdout
    assert result.stderr == (
        "eu-west-1: 2 instance types, 2 with a price\nus-east-1: 2 instance types, 2 with a price\n"
    )


def test_a_dry_run_writes_nothing(aws: Aws, file: Path, run: Callable[..., Result]) -> None:
    both_regions(aws)
    result = run("--dry-run")
    assert result.exit_code == 0
    assert "1 added, 2 removed, 1 changed; nothing written (--dry-run)" in result.stdout
    assert file.read_text(encoding="utf-8") == OLD
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_regions_not_asked_keep_their_prices_and_types(aws: Aws, file: Path, run: Callable[..., Result]) -> None:
    aws.types("eu-west-1", "m5.large")
    aws.products("AmazonEC2", priced(m5_large="0.2"))
    aws.unit_prices("0.5")
    assert run("--region", "eu-west-1", "--region", "eu-west-1").exit_code == 0
    new = load(file.read_text(encoding="utf-8"))
    assert list(new.instances) == ["m5.large", "m6i.large", "r5.large"]
    assert new.price_dates == {"eu-west-1": DAY, "us-east-1": date(2025, 1, 1)}
    assert new.on_demand["eu-west-1"] == {"m5.large": Decimal("0.2")}
    assert new.on_demand["us-east-1"]["m6i.large"] == Decimal("0.096")
    assert new.unit_prices["nat-gateway-hour"] == {"eu-west-1": Decimal("0.5"), "us-east-1": Decimal("0.01")}


def test_a_new_region_is_added(aws: Aws, file: Path, run: Callable[..., Result]) -> None:
    aws.types("eu-north-1", "r5.large")
    aws.products("AmazonEC2", priced(r5_large="0.134"))
    aws.unit_prices("0.5")
    assert run("--region", "eu-north-1").exit_code == 0
    new = load(file.read_text(encoding="utf-8"))
    assert sorted(new.price_dates) == ["eu-north-1", "eu-west-1", "us-east-1"]
    assert new.on_demand["eu-north-1"] == {"r5.large": Decimal("0.134")}


def test_a_unit_price_that_the_list_lacks_is_kept_and_reported(
    aws: Aws, file: Path, run: Callable[..., Result]
) -> None:
    aws.types("us-east-1", "m5.large")
    aws.products("AmazonEC2", priced(m5_large="0.1"))
    aws.unit_prices("0.5", without="nat-gateway-hour")
    result = run("--region", "us-east-1")
    assert "us-east-1: the price list has no nat-gateway-hour; what the file has is kept" in result.stderr
    assert load(file.read_text(encoding="utf-8")).unit_prices["nat-gateway-hour"]["us-east-1"] == Decimal("0.01")


def test_two_runs_give_the_same_bytes(aws: Aws, file: Path, run: Callable[..., Result]) -> None:
    both_regions(aws)
    run()
    first = file.read_bytes()
    both_regions(aws)
    assert "0 added, 0 removed, 0 changed" in run().stdout
    assert file.read_bytes() == first


def refused(result: Result, file: Path, message: str) -> None:
    assert result.exit_code == 1
    line = result.stderr.splitlines()[-1]
    assert line.startswith("error: ")
    assert message in line
    assert "Traceback" not in result.output
    assert file.read_text(encoding="utf-8") == OLD
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_region_that_lists_nothing_is_refused(aws: Aws, file: Path, run: Callable[..., Result]) -> None:
    aws.stub("ec2", "us-east-1").add_response("describe_instance_types", {"InstanceTypes": []}, {})
    refused(run("--region", "us-east-1"), file, "us-east-1 lists none of the instance types kept")


def test_a_refusal_by_aws_is_one_line(aws: Aws, file: Path, run: Callable[..., Result]) -> None:
    aws.stub("ec2", "us-east-1").add_client_error(
        "describe_instance_types", "UnauthorizedOperation", "Not\nallowed", 403
    )
    refused(run("--region", "us-east-1"), file, "AWS: An error occurred (UnauthorizedOperation)")


def test_an_answer_of_another_form_is_one_line(aws: Aws, file: Path, run: Callable[..., Result]) -> None:
    aws.types("us-east-1", "m5.large")
    aws.products("AmazonEC2", ['{"product": {}}'])
    refused(run("--region", "us-east-1"), file, "AWS answered in an unexpected form: KeyError: 'attributes'")


def test_missing_credentials_are_one_line(
    file: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    refused(run("--region", "us-east-1"), file, "AWS: Unable to locate credentials")


def test_missing_boto3_is_one_line(file: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    refused(run(), file, "boto3 is not installed: make aws")


def test_a_file_that_is_something_else_is_one_line(file: Path, run: Callable[..., Result]) -> None:
    file.write_bytes(b"\xff\0")
    result = run()
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {file}: ")
    file.unlink()
    result = run()
    assert result.exit_code == 1
    assert "No such file" in result.stderr


def test_a_bad_date_is_wrong_usage(run: Callable[..., Result]) -> None:
    assert run("--today", "yesterday").exit_code == 2


def test_a_failed_write_leaves_the_file_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(files.OutputError, match="No space left"):
        files.write_file(file, "half")
    assert file.read_text(encoding="utf-8") == OLD
    assert [path.name for path in file.parent.iterdir()] == [file.name]
