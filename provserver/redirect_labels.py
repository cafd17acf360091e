"""
What the metrics of redirection can say: their labels' values, known before anything has happened.

They stand below all that they are about, because metrics do; a test compares them with what there is.
"""

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
    "yealink_open",
    "yealink_rps",
    "yealink_ymcs",
    "yealink_ymcs_hosting",
)
CALL_RESULTS = ("answered", "failed", "limited", "timed_out", "unreachable")  # redirect.http.Channel
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
