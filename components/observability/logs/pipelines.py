"""The two configurations of Fluent Bit: on every node for the logs of containers, and once for Kubernetes events.

Source: https://docs.fluentbit.io/manual, and the options of fluent/fluent-bit v5.1.1.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from sizing import names
from sizing.values import Json

RECORDS: Final = Path(__file__).with_name("records.lua")
SCRIPT: Final = "records.lua"
FOLDER: Final = "/fluent-bit/etc/conf"
"""Where the chart puts configuration files."""
STATE: Final = "/var/lib/fluent-bit"
"""Where positions in files are kept, and what has not been delivered yet: on a node's disk it survives the pod."""
PORT: Final = 2020
UPLOAD_SECONDS: Final = 60
"""How often a container's lines become an object in S3. An empty node goes after 2 minutes (decision 0006): what ran
there must be in S3 by then."""
REFRESH_SECONDS: Final = 2
"""Between two looks for new files: Spark removes executors' pods, and the kubelet their logs, as soon as they end."""
ROTATE_SECONDS: Final = 30
"""How long a file that was rotated or removed is read on."""
LONGEST_LINE: Final = "1M"
CHUNKS_IN_MEMORY: Final = 64
"""Of at most 2 MB each; the rest of what waits is on disk. Keeps Fluent Bit within its memory limit."""
UNDELIVERED: Final = "1G"
"""Of a node's disk for what a destination has not taken yet; then the oldest goes first."""
RETRIES: Final = 20
EVENT_UPLOAD_SECONDS: Final = 600
EVENT_STORE: Final = "128M"
PLATFORM_PREFIX: Final = "_platform"
"""In the bucket of logs, of what belongs to no queue. No tenant's name starts so."""
EVENTS_FOLDER: Final = "kubernetes-events"
SUMMARIES_FOLDER: Final = "application-summaries"
UNPLACED: Final = "unplaced"
"""Log stream of what has lost the fields by which it is placed."""
DELIMITER: Final = ","
"""Between the parts of a tag: in no name and no label's value, and at it a field's name ends for Fluent Bit."""

QUEUE_KEY: Final = "/$TAG[1]/$TAG[2]/$TAG[3]/$TAG[4]/$TAG[5]-"
"""How keys of objects start, by the parts of a tag: tenant, queue, application, pod, container."""
PLATFORM_KEY: Final = f"/{PLATFORM_PREFIX}/pods/$TAG[1]/$TAG[2]/$TAG[3]-"
SUMMARY_KEY: Final = f"/{PLATFORM_PREFIX}/{SUMMARIES_FOLDER}/%Y-%m-%d/"
QUEUE_EVENT_KEY: Final = f"/$TAG[1]/$TAG[2]/{EVENTS_FOLDER}/"
PLATFORM_EVENT_KEY: Final = f"/{PLATFORM_PREFIX}/{EVENTS_FOLDER}/$TAG[1]/"

TRACES: Final = {
    "name": "spark-traces",
    "type": "regex",
    "flush_timeout": 1000,
    "rules": [
        {"state": "start_state", "regex": r"/^Traceback \(most recent call last\):/", "next_state": "python"},
        {"state": "start_state", "regex": r"/(Error|Exception|Throwable)(:|$)/", "next_state": "java"},
        {"state": "python", "regex": r"/^\s/", "next_state": "python"},
        {"state": "python", "regex": r"/^[A-Za-z_][A-Za-z0-9_.]*(:|$)/", "next_state": "end"},
        # An end, after which nothing is joined: each state has a rule, so this one never holds.
        {"state": "end", "regex": r"/(?!)/", "next_state": "end"},
        {"state": "java", "regex": r"/^\s+(at |\.\.\. |Suppressed: )|^Caused by: /", "next_state": "java"},
    ],
}
"""Joins the lines of a stack trace. Of Fluent Bit's own parsers for Java and for Python, given together, both take the
last line of a Python trace, which then comes twice (seen with 5.1.1)."""

Pipeline = dict[str, Json]


@dataclass(frozen=True, kw_only=True)
class Destinations:
    """Where logs go.

    Args:
        platform: the platform's name.
        region: of bucket and log groups.
        bucket: the platform's bucket of logs.
        executors_in_cloud_watch: whether executors' logs go to CloudWatch too, and not only to S3.
    """

    platform: str
    region: str
    bucket: str
    executors_in_cloud_watch: bool


def node_pipeline(to: Destinations) -> Pipeline:
    """What runs on every node.

    A line is known by its file's name, gets its pod's and namespace's labels from the API server, becomes a record of
    few fields (`records.lua`), and a tag by which its outputs know it: `queue`, `platform` or `summary`.
    """
    return {
        "service": {
            **_service(),
            # With files, not with memory, a destination that is away is waited for.
            "storage.path": f"{STATE}/storage",
            "storage.max_chunks_up": CHUNKS_IN_MEMORY,
            "storage.backlog.mem_limit": "16M",
        },
        "multiline_parsers": [TRACES],
        "pipeline": {
            "inputs": [
                {
                    "name": "tail",
                    "tag": "kube.*",
                    "path": "/var/log/containers/*.log",
                    # What it says about a line would be a line to say something about.
                    "exclude_path": "/var/log/containers/fluent-bit-*_kube-system_*.log",
                    "multiline.parser": "cri",
                    "db": f"{STATE}/positions.db",
                    "db.locking": True,
                    # A pod's lines from before its file was found are lines too.
                    "read_from_head": True,
                    "refresh_interval": REFRESH_SECONDS,
                    "rotate_wait": ROTATE_SECONDS,
                    "buffer_max_size": LONGEST_LINE,
                    "skip_long_lines": True,
                    "skip_empty_lines": True,
                    "storage.type": "filesystem",
                    "storage.pause_on_chunks_overlimit": True,
                }
            ],
            "filters": [
                {
                    # Before all others, which it sends what it has joined.
                    "name": "multiline",
                    "match": "kube.*",
                    "multiline.key_content": "log",
                    "multiline.parser": TRACES["name"],
                    "flush_ms": 1000,
                    "emitter_storage.type": "filesystem",
                },
                {
                    "name": "kubernetes",
                    "match": "kube.*",
                    "labels": True,
                    "annotations": False,
                    "namespace_labels": True,
                    "merge_log": False,
                    # Nobody's pod says what becomes of its logs.
                    "k8s-logging.parser": False,
                    "k8s-logging.exclude": False,
                    # Drivers' pods are larger than its 32 KiB.
                    "buffer_size": 0,
                },
                _lua("kube.*", "line"),
                {
                    "name": "rewrite_tag",
                    "match": "kube.*",
                    "rule": [
                        # Role last, to choose by. The container's name is part of an object's.
                        "$kind ^queue$ queue,$tenant,$queue,$application,$pod,$container,$role false",
                        "$kind ^summary$ summary false",
                        "$kind ^platform$ platform,$namespace,$pod,$container false",
                    ],
                    "emitter_storage.type": "filesystem",
                },
            ],
            "outputs": [
                _bucket(to, "queue", "queue,*", QUEUE_KEY, UPLOAD_SECONDS, UNDELIVERED),
                _bucket(to, "platform", "platform,*", PLATFORM_KEY, UPLOAD_SECONDS, UNDELIVERED),
                _bucket(to, "summary", "summary", SUMMARY_KEY, UPLOAD_SECONDS, UNDELIVERED),
                *(
                    {**_log_group(to, names.queue_log_group(to.platform, "$namespace"), "$stream"), **match}
                    for match in _queue_matches(to)
                ),
                {
                    **_log_group(to, names.log_group(to.platform, "platform"), "$stream"),
                    "match": "platform,*",
                },
                {
                    # All fields: a query can sum them.
                    **_log_group(to, names.log_group(to.platform, SUMMARIES_FOLDER), "$tenant", key=None),
                    "match": "summary",
                },
            ],
        },
    }


def event_pipeline(to: Destinations) -> Pipeline:
    """What runs once: it watches the events of the whole cluster, which the API server forgets after an hour.

    After a restart on another node it reads that hour anew, so an event may be there twice.
    """
    return {
        "service": _service(),
        "pipeline": {
            "inputs": [
                {
                    "name": "kubernetes_events",
                    "tag": "event",
                    "kube_url": "https://kubernetes.default.svc",
                    "interval_sec": 5,
                    "kube_request_limit": 500,
                    "db": f"{STATE}/events.db",
                    "mem_buf_limit": "32M",
                }
            ],
            "filters": [
                _lua("event", "event"),
                {
                    "name": "rewrite_tag",
                    "match": "event",
                    "rule": [
                        "$kind ^queue$ queue,$tenant,$queue false",
                        "$kind ^platform$ platform,$namespace false",
                    ],
                },
            ],
            "outputs": [
                _bucket(to, "queue", "queue,*", QUEUE_EVENT_KEY, EVENT_UPLOAD_SECONDS, EVENT_STORE),
                _bucket(to, "platform", "platform,*", PLATFORM_EVENT_KEY, EVENT_UPLOAD_SECONDS, EVENT_STORE),
                {
                    **_log_group(to, names.log_group(to.platform, "events"), "$namespace", key=None),
                    "match_regex": "^(queue|platform),",
                },
            ],
        },
    }


def files(pipeline: Pipeline) -> dict[str, str]:
    """A pipeline's files by their names, for the chart: it is YAML, beside the script that it runs."""
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 1000  # a rule stays a line
    yaml.dump(pipeline, text)
    return {"fluent-bit.yaml": text.getvalue(), SCRIPT: RECORDS.read_text()}


def _service() -> dict[str, Json]:
    return {
        "flush": 1,
        # To upload what it has when its node goes.
        "grace": 30,
        "log_level": "warn",
        "http_server": True,
        "http_listen": "0.0.0.0",  # noqa: S104 - in its own pod
        "http_port": PORT,
        "health_check": True,
        # Seconds between retries: the first, and the longest.
        "scheduler.base": 5,
        "scheduler.cap": 300,
    }


def _lua(match: str, function: str) -> dict[str, Json]:
    return {"name": "lua", "match": match, "script": f"{FOLDER}/{SCRIPT}", "call": function}


def _queue_matches(to: Destinations) -> list[dict[str, str]]:
    if to.executors_in_cloud_watch:
        return [{"match": "queue,*"}]
    return [{"match_regex": "^queue,.*,(connect-server|driver|other)$"}]


def _bucket(to: Destinations, what: str, match: str, key: str, seconds: int, store: str) -> dict[str, Json]:
    """An output to S3: objects of JSON lines, compressed; `key` is how their keys start.

    Each output has a folder of its own, since it would upload what it finds there in its own way.
    """
    return {
        "name": "s3",
        "match": match,
        "bucket": to.bucket,
        "region": to.region,
        "s3_key_format": f"{key}%Y%m%dT%H%M%S-$UUID.gz",
        "s3_key_format_tag_delimiters": DELIMITER,
        "json_date_key": "time",
        "json_date_format": "iso8601",
        "compression": "gzip",
        # No parts of uploads that would have to be listed and cleaned up.
        "use_put_object": True,
        "total_file_size": "32M",
        "upload_timeout": f"{seconds}s",
        "store_dir": f"{STATE}/s3/{what}",
        "store_dir_limit_size": store,
        "retry_limit": RETRIES,
    }


def _log_group(to: Destinations, group: str, stream: str, key: str | None = "message") -> dict[str, Json]:
    """An output to CloudWatch; of a record only `key` goes there, since every byte is charged."""
    return {
        "name": "cloudwatch_logs",
        "region": to.region,
        "log_group_name": names.log_group(to.platform, "platform"),
        "log_stream_name": UNPLACED,
        "log_group_template": group,
        "log_stream_template": stream,
        **({"log_key": key} if key else {}),
        # The groups are there, with retention and key.
        "auto_create_group": False,
        "retry_limit": RETRIES,
    }
