"""The closed sets from which labels of metrics take their values; beside each, who says them."""

from __future__ import annotations

from typing import Literal, get_args

UNKNOWN = "unknown"  # instead of a value that is not in its label's set

Outcome = Literal[
    "delivered",  # an artefact with credentials, completely
    "served",  # an artefact without
    "not_modified",
    "broken",  # an artefact with credentials, or a file, that did not arrive
    "refused",  # strangers cannot tell why, nor can they from the metrics
    "withheld_after_deletion",
    "limited",  # a device that has proven itself, and asks too often
    "uploaded",
    "bad_request",
    "method_not_allowed",
    "failed",  # our fault
    "unavailable",  # our fault, and worth another try
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
REJECTIONS = ("gone", "tampered")  # errors.SecretGone, TamperedSecret
RENDER_FAILURES = ("template_broken", "unfit_value")  # errors.TemplateBroken, UnfitValue
DELETION_RESULTS = ("deleted", "failed")
LOGIN_RESULTS = ("right", "wrong", "stale")  # release.Login
ROW_RESULTS = ("dropped", "written")
JOB_RESULTS = ("failed", "succeeded", "timed_out")
DATABASE_OPERATIONS = ("append", "checkpoint", "group", "hot", "read", "transaction")  # the methods of storage.Storage
LISTENERS = ("plain", "tls", "legacy")
ADMISSIONS = ("admitted", "banned", "address_full", "network_full", "server_full")  # http.capacity.Full
TLS_VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")  # as OpenSSL names them
HANDSHAKE_KINDS = ("full", "resumed")
HANDSHAKE_FAILURES = (
    "bad_certificate",  # the phone's own does not verify
    "closed",  # the other side went away
    "expired_certificate",
    "failed",  # whatever else OpenSSL complains of
    "no_common_ground",  # no version, cipher or signature that both sides know
    "no_proxy_header",
    "not_accepted",  # the other side refused us: it does not trust our certificate, or wants more
    "not_tls",
    "nothing_said",
    "plain_http",  # on a port with TLS
    "timeout",
    "tls_on_plain",  # on a port without; it gets a 400 and is counted as malformed, too
    "unknown_authority",
)
RELOADS = ("failed", "succeeded")
TFTP_RESULTS = ("admitted", "full", "malformed", "repeated", "stranger")  # tftp.listener
# services.peers.VERDICTS: what a phone's certificate was worth
CERTIFICATE_VERDICTS = (
    "named",
    "duplicate_key",
    "unreadable",
    "unknown_authority",
    "expired",
    "generic",
    "not_verified",
)
# redirect.catalogue.SERVICES
REDIRECT_SERVICES = (
    "alcatel_eds",
    "auerswald",
    "counterpath_stretto",
    "fanvil_fdps",
    "gigaset_grape",
    "gigaset_xmlrpc",
    "grandstream_gaps",
    "grandstream_gdms",
    "grandstream_gdms_hosting",
    "htek_rps",
    "panasonic",
    "polycom_ztp",
    "snom_sraps",
    "snom_xmlrpc",
    "unify_cloud_setup",
    "yealink_open",
    "yealink_rps",
    "yealink_ymcs",
    "yealink_ymcs_hosting",
)
OUTLETS = ("mail", "syslog", "webhook")  # where alerts go, services.outlets
OUTLET_RESULTS = ("failed", "taken")
OUTBOUND_SERVICES = (*REDIRECT_SERVICES, "crowdsec", "webhook")  # whom outbound.http calls
CALL_RESULTS = ("answered", "failed", "limited", "timed_out", "unreachable")  # outbound.http.Result
CROWDSEC_RESULTS = ("failed", "pushed", "withdrawn")  # services.crowdsec
# redirect.protocol.Outcome
REDIRECT_OUTCOMES = (
    "registered",
    "already_ours",
    "withdrawn",
    "absent",
    "owned_by_another",
    "bad_mac",
    "bad_url",
    "bad_serial",
    "not_held",
    "not_allowed",
    "unreachable",
    "refused",
)
REGISTRATION_STATES = ("wanted", "sent", "confirmed", "seen", "failed", "withdrawn")  # domain.registration
MEASURES = ("observe", "slow", "limit", "refuse", "ban", "lock", "rotate")  # monitor.decision.Measure
NETWORK_FILES = ("asn", "country")  # whereabouts.Whereabouts
MONITOR_RESULTS = ("dropped", "failed", "seen")
CACHES = ("devices",)
WARNINGS = ("audit", "clock")  # app.readiness.warnings
CACHE_RESULTS = ("hit", "miss")
