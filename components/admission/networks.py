"""What network policies of queues may open: what every queue reaches, and places as its settings could name them.

The rules are those of `sizing.reach` once more, where whoever deploys a tenant can't leave them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from components.admission.namespaces import IS_DEPLOYER
from components.admission.policy import (
    WRITE,
    AdmissionRule,
    Match,
    Requests,
    ValidatingPolicy,
    Variable,
    cel_list,
    cel_text,
    cel_value,
)
from components.queue.network import (
    ANYWHERE,
    DEFAULT_DENY,
    DNS_LABELS,
    DNS_NAMESPACE,
    METADATA_SERVICE,
    NAMESPACE_NAME,
    POD_IDENTITY_AGENT,
)
from components.queue.reach import DNS_SERVERS
from sizing.reach import (
    ADDRESS_IN_NAME,
    CLUSTERS_OWN,
    HOST,
    LABELS_BELOW,
    LONGEST_HOST,
    NO_PLACES,
    PRIVATE,
    SHARED_DOMAINS,
    WIDEST_PRIVATE,
    WIDEST_PUBLIC,
)

POLICIES: Final = Requests(group="networking.k8s.io", resources=("networkpolicies",), operations=WRITE)
CILIUM_POLICIES: Final = Requests(
    group="cilium.io", versions=("v2",), resources=("ciliumnetworkpolicies",), operations=WRITE
)


@dataclass(frozen=True, kw_only=True)
class NetworkRulesArgs:
    """What the rules know of the cluster.

    Args:
        clusters_own: ranges of its nodes, pods and services, which no queue reaches by address.
        egress_ports: TCP ports by which every queue reaches what is no pod.
    """

    clusters_own: Sequence[str]
    egress_ports: Sequence[int]


def network_policies(args: NetworkRulesArgs) -> tuple[ValidatingPolicy, ...]:
    """The policies that decide on network policies of queues."""
    return (_kubernetes(args), _CILIUM, _DEFAULT_DENY)


def _ports(allowed: str) -> str:
    """Whether an egress rule `r` is for single TCP ports that are allowed, and names some."""
    return (
        "size(r.?ports.orValue([])) > 0 && r.ports.all(p, p.?protocol.orValue('TCP') == 'TCP' && !has(p.endPort) "
        f"&& has(p.port) && type(p.port) == int && {allowed})"
    )


def _is_dns() -> str:
    """Whether a peer `to` of the rule `r` is the cluster's DNS, and nothing but DNS is asked there."""
    return (
        f"to.namespaceSelector.?matchLabels.orValue({{}}) == {{{cel_text(NAMESPACE_NAME)}: {cel_text(DNS_NAMESPACE)}}} "
        "&& !has(to.namespaceSelector.matchExpressions) && has(to.podSelector) "
        f"&& to.podSelector.?matchLabels.orValue({{}}) == {cel_value(DNS_LABELS)} "
        "&& !has(to.podSelector.matchExpressions) && size(r.?ports.orValue([])) > 0 "
        "&& r.ports.all(p, has(p.port) && type(p.port) == int && p.port == 53 && !has(p.endPort))"
    )


def _is_place(clusters_own: Sequence[str]) -> str:
    """Whether the block of a peer `to` is a range as a queue's settings may name it."""
    closed = cel_list(sorted({*NO_PLACES, *clusters_own}))
    found = "cidr(to.ipBlock.cidr)"
    return (
        f"isCIDR(to.ipBlock.cidr) && {found}.ip().family() == 4 "
        f"&& {found}.prefixLength() >= ({cel_list(PRIVATE)}.exists(one, cidr(one).containsCIDR({found})) "
        f"? {WIDEST_PRIVATE} : {WIDEST_PUBLIC}) "
        f"&& !{closed}.exists(one, cidr(one).containsCIDR({found}) || {found}.containsCIDR(one))"
    )


def _kubernetes(args: NetworkRulesArgs) -> ValidatingPolicy:
    to_anywhere = (
        f"to.ipBlock.cidr == '{ANYWHERE}' && to.ipBlock.?except.orValue([]).exists(e, e == '{METADATA_SERVICE}') "
        f"&& {_ports(f'p.port in {list(args.egress_ports)}')}"
    )
    to_agent = f"to.ipBlock.cidr == '{POD_IDENTITY_AGENT}' && {_ports('p.port == 80')}"
    to_place = f"{_is_place(args.clusters_own)} && {_ports('true')}"
    return ValidatingPolicy(
        name="elastic-spark-networks",
        match=Match(requests=(POLICIES,)),
        variables=(Variable("egress", "object.spec.?egress.orValue([])"),),
        rules=(
            AdmissionRule(
                "network-peers",
                "variables.egress.all(r, size(r.?to.orValue([])) > 0 && r.to.all(to, has(to.ipBlock) "
                f"|| (has(to.namespaceSelector) ? {_is_dns()} : has(to.podSelector))))",
                "a queue's pods reach pods of their own queue and the cluster's DNS, and no other's: each rule of "
                "egress names where to",
            ),
            AdmissionRule(
                "network-ranges",
                "variables.egress.all(r, r.?to.orValue([]).all(to, !has(to.ipBlock) "
                f"|| ({to_anywhere}) || ({to_agent}) || ({to_place})))",
                f"beside TCP {', '.join(map(str, args.egress_ports))} to anywhere but {METADATA_SERVICE}, a queue's "
                f"pods reach TCP ports of ranges that hold none of the cluster's own addresses, /{WIDEST_PRIVATE} or "
                f"narrower, of public ones /{WIDEST_PUBLIC}: name them under reach in the tenant's stack",
                "variables.egress.map(r, r.?to.orValue([]).filter(to, has(to.ipBlock))"
                ".map(to, to.ipBlock.cidr).join(' ')).join(' ')",
            ),
        ),
    )


def _labels_below() -> str:
    """How many labels must follow the wildcard of `variables.names`' element `name`."""
    needed = str(LABELS_BELOW)
    for domain, labels in sorted(SHARED_DOMAINS.items()):
        needed = f"name.endsWith({cel_text(f'.{domain}')}) ? {labels} : {needed}"
    return f"({needed})"


_PORTS_ONLY: Final = (
    "t.all(key, key == 'ports') && size(t.ports) > 0 && t.ports.all(p, p.?protocol.orValue('ANY') == 'TCP' "
    "&& !has(p.endPort) && string(p.port).matches('^[1-9][0-9]*$'))"
)
_DNS_RULE: Final = (
    f"!has(r.toFQDNs) && r.?toEndpoints.orValue([]) == [{{'matchLabels': {cel_value(DNS_SERVERS)}}}] "
    "&& size(r.?toPorts.orValue([])) > 0 && r.toPorts.all(t, t.all(key, key in ['ports', 'rules']) "
    "&& size(t.?ports.orValue([])) > 0 && t.ports.all(p, string(p.port) == '53' && !has(p.endPort)) "
    "&& t.?rules.orValue({}).all(key, key == 'dns'))"
)
_HOSTS_RULE: Final = (
    "!has(r.toEndpoints) && size(r.?toFQDNs.orValue([])) > 0 && size(r.?toPorts.orValue([])) > 0 "
    f"&& r.toPorts.all(t, {_PORTS_ONLY})"
)
_CILIUM: Final = ValidatingPolicy(
    name="elastic-spark-networks-cilium",
    match=Match(requests=(CILIUM_POLICIES,)),
    variables=(
        # Neither here nor in Cilium's definition are all fields known that these rules are about.
        Variable("policy", "dyn(object)"),
        Variable("egress", "variables.policy.?spec.?egress.orValue([])"),
        Variable("fqdns", "variables.egress.map(r, r.?toFQDNs.orValue([]))"),
        Variable("names", "variables.fqdns.map(all, all.map(f, f.?matchName.orValue(f.?matchPattern.orValue(''))))"),
    ),
    rules=(
        AdmissionRule(
            "network-cilium",
            "!has(variables.policy.specs) && has(variables.policy.spec) "
            "&& variables.policy.spec.all(key, key in ['description', 'egress', 'endpointSelector']) "
            "&& variables.egress.all(r, r.all(key, key in ['toEndpoints', 'toFQDNs', 'toPorts']) "
            f"&& (({_DNS_RULE}) || ({_HOSTS_RULE})))",
            "a policy of Cilium's in a queue opens TCP ports of hosts by name, and lets the cluster's DNS be asked: "
            "all else is for network policies of Kubernetes' own",
        ),
        AdmissionRule(
            "network-hosts",
            "variables.fqdns.all(all, all.all(f, !(has(f.matchName) && has(f.matchPattern)))) "
            f"&& variables.names.all(all, all.all(name, size(name) <= {LONGEST_HOST} "
            f"&& name.matches({cel_text(f'^{HOST}$')}) && !name.matches({cel_text(CLUSTERS_OWN.pattern)}) "
            f"&& !name.matches({cel_text(ADDRESS_IN_NAME.pattern)}) "
            f"&& (!name.startsWith('*') || size(name.split('.')) - 1 >= {_labels_below()})))",
            "a queue's pods reach hosts outside by their full names, or behind a wildcard those of one owner: not the "
            "cluster's own names, nodes' or the API of an EKS cluster, and no names that stand for addresses",
            "variables.names.map(all, all.join(' ')).join(' ')",
        ),
    ),
)
_SPEC: Final = "object.spec"
_DEFAULT_DENY: Final = ValidatingPolicy(
    name="elastic-spark-networks-default",
    match=Match(
        requests=(
            Requests(
                group="networking.k8s.io",
                resources=("networkpolicies",),
                operations=("CREATE", "UPDATE", "DELETE"),
            ),
        )
    ),
    variables=(Variable("name", "(object == null ? oldObject : object).metadata.?name.orValue('')"),),
    rules=(
        AdmissionRule(
            "network-default",
            f"variables.name != '{DEFAULT_DENY}' || (object == null ? !{IS_DEPLOYER} "
            f": {_SPEC}.?podSelector.?matchLabels.orValue({{}}) == {{}} && !has({_SPEC}.podSelector.matchExpressions) "
            f"&& ['Egress', 'Ingress'].all(type, type in {_SPEC}.?policyTypes.orValue([])) "
            f"&& {_SPEC}.?egress.orValue([]) == [] && {_SPEC}.?ingress.orValue([]) == [])",
            f"the policy {DEFAULT_DENY} closes a queue before others open it: it stays as it is, and goes with the "
            "namespace",
        ),
    ),
)
