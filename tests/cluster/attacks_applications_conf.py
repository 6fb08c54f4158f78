"""Settings by which an application would make spark-submit act for somebody else in the Spark operator's pod."""

from __future__ import annotations

from typing import Final

from components.admission.spark_settings_rows import S3A_FILE_SYSTEM
from components.queue.queue import DRIVER_ACCOUNT
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import EVIL, TOKEN, submitting
from tests.cluster.attempts import Attempt, Case, Completion, Create
from tests.cluster.pod_shapes import ENGINEER, IMAGE


def only(name: str, key: str, value: str, anyway: str) -> Attempt:
    """An application brings a setting that may only be as it is anyway."""
    return submitting(
        name, "application-conf", application(sparkConf={key: value}), application(sparkConf={key: anyway})
    )


def setting(name: str, key: str, value: str = "x") -> Attempt:
    """An application brings a setting by which spark-submit acts in the operator's pod."""
    harmless = application(sparkConf={"spark.sql.shuffle.partitions": "200"})
    return submitting(name, "application-conf", application(sparkConf={key: value}), harmless)


SANE: Final = {
    "spark.acls.enable": "true",
    "spark.databricks.delta.schema.autoMerge.enabled": "true",
    "spark.delta.logStore.s3a.impl": "io.delta.storage.S3SingleDriverLogStore",
    "spark.deploy.recoveryMode": "NONE",
    "spark.driver.defaultJavaOptions": "-XX:+UseZGC",
    "spark.driver.host": "driver.example.com",
    "spark.executor.defaultJavaOptions": "-XX:+UseZGC",
    "spark.hadoop.fs.s3.impl": S3A_FILE_SYSTEM,
    "spark.hadoop.parquet.summary.metadata.level": "NONE",
    "spark.history.fs.cleaner.enabled": "true",
    "spark.history.fs.logDirectory": "s3a://ads-logs/events",
    "spark.hive.metastore.uris": "thrift://metastore:443",
    "spark.hoodie.metadata.enable": "true",
    "spark.kubernetes.jars.avoidDownloadSchemes": "s3a",
    "spark.redaction.regex": "(?i)secret",
    "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.wap.branch": "audit",
    "spark.yarn.maxAppAttempts": "1",
}
"""What jobs of others bring, and must be able to."""

CASES: Final[tuple[Case, ...]] = (
    setting("a place to upload local files to", "spark.kubernetes.file.upload.path", "s3a://evil/stolen"),
    setting("the operator's token as a Kerberos configuration", "spark.kubernetes.kerberos.krb5.path", TOKEN),
    setting("the operator's token as a keytab", "spark.kerberos.keytab", TOKEN),
    setting("the operator's token as a driver's certificate", "spark.kubernetes.authenticate.driver.caCertFile", TOKEN),
    setting("another token to submit with", "spark.kubernetes.authenticate.submission.oauthTokenFile", TOKEN),
    setting("another API server", "spark.master", "k8s://https://evil.example.com"),
    setting("a file of the operator's as the executors' template", "spark.kubernetes.executor.podTemplateFile", TOKEN),
    setting("a class path for spark-submit", "spark.driver.defaultExtraClassPath", "/jars/*"),
    only("a job's own classes in the place of spark-submit's", "spark.driver.userClassPathFirst", "true", "false"),
    setting("a class for spark-submit to run", "spark.kubernetes.driver.pod.featureSteps", "com.example.Evil"),
    setting("another place to fetch packages from", "spark.jars.repositories", "https://evil.example.com"),
    setting("settings of the package manager", "spark.jars.ivySettings", "https://evil.example.com/ivy.xml"),
    only(
        "a file system of one's own",
        "spark.hadoop.fs.s3a.impl",
        "org.apache.hadoop.fs.RawLocalFileSystem",
        S3A_FILE_SYSTEM,
    ),
    only(
        "Hadoop's class for another file system",
        "spark.hadoop.fs.hdfs.impl",
        S3A_FILE_SYSTEM,
        "org.apache.hadoop.hdfs.DistributedFileSystem",
    ),
    only(
        "a file system of the other kind of one's own",
        "spark.hadoop.fs.AbstractFileSystem.s3a.impl",
        "com.example.Evil",
        "org.apache.hadoop.fs.s3a.S3A",
    ),
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
    only(
        "a worker of the operator's for as long as the job runs",
        "spark.kubernetes.submission.waitAppCompletion",
        "true",
        "false",
    ),
    only("a driver in the operator's pod by a setting", "spark.submit.deployMode", "client", "cluster"),
    only("another image by a setting", "spark.kubernetes.container.image", EVIL, IMAGE),
    only("another image of the driver by a setting", "spark.kubernetes.driver.container.image", EVIL, IMAGE),
    only(
        "another service account",
        "spark.kubernetes.authenticate.driver.serviceAccountName",
        "default",
        DRIVER_ACCOUNT,
    ),
    only("another cluster", "spark.master", "yarn", "k8s://https://kubernetes.default.svc"),
    only("another scheduler by a setting", "spark.kubernetes.scheduler.name", "default-scheduler", "yunikorn"),
    setting("a keytab by its older name", "spark.yarn.keytab", TOKEN),
    setting("a keytab up to the sign that ends a setting", "spark.yarn.keytab=/evil"),
    setting("servers that spark-submit asks for a token", "spark.kafka.clusters.evil.auth.bootstrap.servers"),
    setting("a secret that whoever may look would see", "spark.authenticate.secret"),
    setting("a folder of the operator's whose files the driver gets", "spark.home", "/etc"),
    setting("a password that whoever may look would see", "spark.hadoop.javax.jdo.option.ConnectionPassword"),
    setting("an address that spark-submit stops at", "spark.driver.bindAddress", "127.0.0.1"),
    setting("settings that no job would have", "hoodie.datasource.write.operation", "upsert"),
    setting("a name for the driver's service in DNS", "spark.kubernetes.driver.service.annotation.external-dns", "ads"),
    setting("a setting that only looks like an allowed one", "spark.sqlx.evil"),
    submitting(
        "a file system of one's own by hadoopConf",
        "application-conf",
        application(hadoopConf={"fs.s3a.impl": "org.apache.hadoop.fs.RawLocalFileSystem"}),
        application(hadoopConf={"fs.s3a.connection.maximum": "200"}),
    ),
    submitting(
        "a file system of one's own by hadoopConf, and not Hadoop's",
        "application-conf",
        application(hadoopConf={"fs.s3a.impl": "com.example.Evil"}),
        application(hadoopConf={"fs.s3a.impl": S3A_FILE_SYSTEM}),
    ),
    *(
        submitting(
            f"a file system of one's own beside {key}",
            "application-conf",
            application(sparkConf={key: value, "spark.hadoop.fs.s3a.impl": "com.example.Evil"}),
            application(sparkConf={key: value}),
        )
        for key, value in SANE.items()
    ),
    submitting(
        "a place to upload to for a schedule",
        "application-conf",
        scheduled(sparkConf={"spark.kubernetes.file.upload.path": "s3a://evil/stolen"}),
        scheduled(sparkConf={"spark.sql.shuffle.partitions": "200"}),
    ),
    Completion(
        name="Hadoop's own class for S3A, which spark-submit would take for its own",
        who=ENGINEER,
        does=Create(
            application(
                sparkConf={"spark.hadoop.fs.s3a.impl": S3A_FILE_SYSTEM, "spark.ui.port": "4040"},
                hadoopConf={"fs.s3a.impl": S3A_FILE_SYSTEM, "fs.s3a.threads.max": "64"},
            )
        ),
        rule="application-conf-repeated",
        field=lambda made: (
            made["spec"]["sparkConf"].get("spark.hadoop.fs.s3a.impl"),
            made["spec"]["sparkConf"]["spark.ui.port"],
            made["spec"]["hadoopConf"],
        ),
        becomes=(None, "4040", {"fs.s3a.threads.max": "64"}),
        twin=Create(
            application(
                sparkConf={"spark.hadoop.fs.s3a.threads.max": "8", "spark.ui.port": "4040"},
                hadoopConf={"fs.s3a.threads.max": "64"},
            )
        ),
        stays=(None, "4040", {"fs.s3a.threads.max": "64"}),
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
