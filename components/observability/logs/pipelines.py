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
"""How often a container's lines become an object in S3. An empty node goes later (decision 0006), and what ran
there is in S3 by then; where a setting has it go sooner, Fluent Bit's eviction uploads the rest."""
REFRESH_SECONDS: Final = 2
"""Between two looks for new files: Spark removes executors' pods, and the kubelet their logs, as soon as they end."""
ROTATE_SECONDS: Final = 30
"""How long a file that was rotated or removed is read on."""
LONGEST_LINE: Final = "1M"
CHUNKS_IN_MEMORY: Final = 64
"""Of at most 2 MB each; the rest of what waits is on disk. Keeps Fluent Bit within its memory limit."""
UNDELIVERED: Final = "1G"
"""Of a node's disk for what S3 has not taken yet, an output. Beyond it what is new is tried again, and at last lost:
what is there stays.

Source: fluent/fluent-bit v5.1.1, plugins/out_s3/s3_store.c (buffer_size_reserve), s3.c (cb_s3_flush)
"""
QUARANTINE: Final = "256M"
"""Of the same disk, beside that, for what was tried too often. Nobody sends it any more; without a limit it grows for
as long as the node lives. Beyond it, what would come is deleted.

Source: fluent/fluent-bit v5.1.1, plugins/out_s3/s3.c (s3_chunk_retry_exhausted_cleanup, s3_upload_queue)
"""
S3_RETRIES: Final = 100
"""Of one object, each 2 seconds later than the last: some three hours. By itself it is 5, half a minute, and so it is
for who asks for no limit."""
RETRIES: Final = 20
EVENT_UPLOAD_SECONDS: Final = 600
EVENT_STORE: Final = "128M"
EVENT_QUARANTINE: Final = "64M"
EVENT_WATCH: Final = "2m"
"""After which events are listed anew. A piece of the answer that isn't read as JSON holds up all that come after it, in
silence, until the watch ends, which by itself takes ten minutes; what is listed twice is known by the database.

Sources: fluent/fluent-bit v5.1.1, plugins/in_kubernetes_events/kubernetes_events.c (k8s_events_collect,
process_http_chunk), and fluent/fluent-bit #11268
"""
EVENT_INTERVAL_SECONDS: Final = 1
"""Between two reads of a watch that stopped, and between two watches."""
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
                _bucket(to, "queue", "queue,*", QUEUE_KEY, _ON_NODES),
                _bucket(to, "platform", "platform,*", PLATFORM_KEY, _ON_NODES),
                _bucket(to, "summary", "summary", SUMMARY_KEY, _ON_NODES),
                *(
                    {**_log_group(to, "queue", names.queue_log_group(to.platform, "$namespace"), "$stream"), **match}
                    for match in _queue_matches(to)
                ),
                {
                    **_log_group(to, "platform", names.log_group(to.platform, "platform"), "$stream"),
                    "match": "platform,*",
                },
                {
                    # All fields: a query can sum them.
                    **_log_group(to, "summary", names.log_group(to.platform, SUMMARIES_FOLDER), "$tenant", key=None),
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
                    "interval_sec": EVENT_INTERVAL_SECONDS,
                    "interval_nsec": 0,
                    "kube_watch_timeout": EVENT_WATCH,
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
                _bucket(to, "queue", "queue,*", QUEUE_EVENT_KEY, _OF_EVENTS),
                _bucket(to, "platform", "platform,*", PLATFORM_EVENT_KEY, _OF_EVENTS),
                {
                    **_log_group(to, "events", names.log_group(to.platform, "events"), "$namespace", key=None),
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


@dataclass(frozen=True)
class _Waiting:
    """How long what goes to S3 is gathered, and where it waits.

    Args:
        seconds: after which there is an object.
        store: of an output, for what is not sent yet.
        quarantine: of an output, for what was not taken.
    """

    seconds: int
    store: str
    quarantine: str


_ON_NODES: Final = _Waiting(UPLOAD_SECONDS, UNDELIVERED, QUARANTINE)
_OF_EVENTS: Final = _Waiting(EVENT_UPLOAD_SECONDS, EVENT_STORE, EVENT_QUARANTINE)


def _bucket(to: Destinations, what: str, match: str, key: str, waiting: _Waiting) -> dict[str, Json]:
    """An output to S3: objects of JSON lines, compressed; `key` is how their keys start.

    Each output has a folder of its own, since it would upload what it finds there in its own way.
    """
    return {
        "name": "s3",
        # By which metrics, and so alerts, call it.
        "alias": f"s3-{what}",
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
        "upload_timeout": f"{waiting.seconds}s",
        "store_dir": f"{STATE}/s3/{what}",
        "store_dir_limit_size": waiting.store,
        "retry_exhausted_action": "quarantine",
        "quarantine_dir_limit_size": waiting.quarantine,
        "retry_limit": S3_RETRIES,
    }


def _log_group(to: Destinations, what: str, group: str, stream: str, key: str | None = "message") -> dict[str, Json]:
    """An output to CloudWatch; of a record only `key` goes there, since every byte is charged."""
    return {
        "name": "cloudwatch_logs",
        "alias": f"cloudwatch-{what}",
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
