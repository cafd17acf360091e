"""
From a phone's request to its artefact: `Provisioning.answer`, and what is recorded when the answer has gone out.

Each step is one method: take the path apart, find the device, decide, render, open, fill. A refusal looks the same
whatever its reason. What leaves with a password is on the disk before it leaves (see `deliveries`).
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable
from dataclasses import replace
from functools import lru_cache

import structlog

from provserver.domain.assets import ASSETS_PATH
from provserver.domain.device import Credential
from provserver.domain.request import ProvRequest
from provserver.domain.slot import PROVISIONING_URL, SecretSlot
from provserver.domain.stored_file import StoredFile, matches
from provserver.domain.vendor import AfterDeletion, FileRule, UploadRule, Vendor
from provserver.errors import RenderError, SecretGone, StorageError, UnfitValue, VaultError
from provserver.identify import Asked, Catalogue, take_apart
from provserver.release import Homes, Proof, Reason, Withheld, decide
from provserver.render import Renderer, finish
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.filestore.uploads import Received, Uploads
from provserver.services.records import Artefact, Known, Record, Records, Whole
from provserver.services.requests.answers import Answer, Facts, Refusal, is_plain
from provserver.services.requests.deliveries import Deliveries
from provserver.services.requests.files import Files
from provserver.services.requests.logins import Logins
from provserver.services.requests.peers import Peers
from provserver.services.secrets import Secrets
from provserver.vault.tokens import TokenKey

_UNPROVEN = (None, Proof.WINDOW)
_POST = "POST"
_LASTING = (Proof.LASTING_TOKEN, Proof.PREVIOUS_TOKEN)


class Provisioning:
    """Answers phones. One for the process; holds no request's state."""

    def __init__(
        self,
        *,
        context: Context,
        catalogue: Catalogue,
        records: Records,
        renderer: Renderer,
        secrets: Secrets,
        tokens: TokenKey,
        deliveries: Deliveries,
        uploads: Uploads,
        peers: Peers,
        files: Files,
        legacy_makers: frozenset[str],
        tftp_makers: frozenset[str],
        base_url: str,
        settling_ms: int,
        homes: Homes,
        logins: Logins | None,
        restrained: Callable[[str, str], bool],
        too_fast: Callable[[str, str], bool],
        render_failed: Callable[[str, str], None],
    ) -> None:
        self._context = context
        self._catalogue = catalogue
        self._records = records
        self._renderer = renderer
        self._secrets = secrets
        self._tokens = tokens
        self._deliveries = deliveries
        self._uploads = uploads
        self._peers = peers
        self._files = files
        self._legacy_makers = legacy_makers
        self._tftp_makers = tftp_makers
        self._base_url = base_url
        self._settling_ms = settling_ms
        self._homes = homes
        self._logins = logins  # None: nobody is asked for a login, and none is looked at
        self._restrained = restrained  # asked with address and MAC (""): whether windows are not believed there
        self._too_fast = too_fast  # asked with address and device: whether it has asked too often to be served
        self._render_failed = render_failed

    def takes_form(self, request: ProvRequest) -> bool:
        """Whether a login form may be in the body of *request*: that depends on its method and path alone."""
        asked = take_apart(request.path, request.query) if request.method == _POST else None
        return asked is not None and self._catalogue.login_form(asked) is not None

    async def answer(self, request: ProvRequest) -> Answer:
        """Answer GET and HEAD, and POST where it `takes_form`."""
        facts = Facts(agent=self._catalogue.read_agent(request.user_agent))
        try:
            if request.path.startswith(ASSETS_PATH):
                return await self._serve_asset(request, facts)
            record = await self._release(request, facts)
            return await self._serve(request, facts, record)
        except (Refusal, StorageError, VaultError) as error:
            return self._withheld(request, error, facts)

    async def may_upload(self, request: ProvRequest) -> Answer | None:
        """Decide on an upload before its body is read; None: it may come. Whatever is wrong: the same refusal."""
        facts = Facts(agent=self._catalogue.read_agent(request.user_agent))
        try:
            await self._release(request, facts)
            self._upload_rule(facts)
        except (Refusal, StorageError, VaultError) as error:
            return self._withheld(request, error, facts)
        return None

    async def upload(self, request: ProvRequest, pieces: AsyncIterable[bytes]) -> Answer:
        """Keep what a phone sends in *pieces*; call after `may_upload`."""
        facts = Facts(agent=self._catalogue.read_agent(request.user_agent))
        received = None
        try:
            record = await self._release(request, facts, again=True)
            rule = self._upload_rule(facts)
            assert facts.asked is not None  # noqa: S101 - released requests have a path
            name = facts.asked.plain_file
            received = await self._uploads.receive(record.access.device, name, pieces, rule=rule)
            if received is not None:
                await self._still_allowed(request, facts, received)
            kept = received is not None and await self._uploads.keep(received)
        except (Refusal, StorageError, VaultError) as error:
            return self._withheld(request, error, facts)
        if not kept:
            return Answer(outcome="refused", status=413, reason="quota", facts=facts)
        return Answer(outcome="uploaded", status=201, facts=facts)

    async def _still_allowed(self, request: ProvRequest, facts: Facts, received: Received) -> None:
        """Decide once more; the file goes unless it may stay."""
        allowed = False
        try:
            # Fail closed: a body takes its time, and the device may have been locked or its password deleted.
            await self._release(request, facts, again=True)
            self._upload_rule(facts)
            allowed = True
        finally:
            if not allowed:
                received.discard()

    async def _release(self, request: ProvRequest, facts: Facts, *, again: bool = False) -> Record:
        """
        Find the device and decide; raises Refusal unless everything may go to the one who asks.

        *again*: this request has been decided on before, and its login is not the replay of another's.
        """
        found = self._records.known(request.path) if is_plain(request) else None
        if found is None:
            record = await self._decide(request, facts, again=again)
        else:
            record, known = found
            facts.record, facts.asked, facts.token, facts.proof = record, known.asked, known.token, Proof.LASTING_TOKEN
        if not again and facts.proof not in _UNPROVEN and self._too_fast(request.address, record.access.device.id):
            raise Refusal(reason=Reason.TOO_OFTEN, outcome="limited")
        return record

    async def _decide(self, request: ProvRequest, facts: Facts, *, again: bool) -> Record:
        facts.asked = asked = take_apart(request.path, request.query)
        if asked is None:
            raise Refusal(reason=Reason.HOSTILE_PATH)
        if asked.token is not None:
            facts.token = self._tokens.fingerprint(asked.token)
        cached = None
        if (request.authorization or request.form) and asked.token is None and self._logins is not None:
            facts.record, facts.login = await self._logins.check(request, asked, facts.agent, again=again)
            record = facts.record
        else:
            cached = self._records.cached(asked)
            facts.record = record = cached or await self._records.look_up(asked, facts.token)
        access = record.access if record else None
        now_ms = self._context.clock.now_ms()
        peer = self._peers.identify(request.certificate) if request.certificate is not None else None
        decision = decide(
            access.device if access else None,
            access.tenant if access else None,
            token=facts.token,
            address=request.address,
            now_ms=now_ms,
            settling_ms=self._settling_ms,
            login=facts.login,
            certificate=peer,
            legacy_makers=self._legacy_makers if request.legacy else None,
            tftp_makers=self._tftp_makers if request.tftp else None,
            restrained=self._restrained(request.address, asked.mac.value if asked.mac else ""),
            agent_differs=facts.agent_differs,
            homes=self._homes,
        )
        if isinstance(decision, Withheld) or record is None:
            if cached is not None:
                await self._records.spend_look_up(asked)  # it costs what a MAC costs that nobody knows
            self._note_forgotten(request, facts, now_ms)
            raise Refusal(reason=decision.reason if isinstance(decision, Withheld) else Reason.UNKNOWN_DEVICE)
        if peer is not None and not await self._peers.owns_its_key(peer):
            raise Refusal(reason=Reason.DUPLICATE_KEY)
        facts.proof = decision.proof
        if decision.proof is Proof.LASTING_TOKEN and facts.token is not None:
            self._note_lasting(request, record, Known(record.access, asked, facts.token))
        return record

    def _note_lasting(self, request: ProvRequest, record: Record, known: Known) -> None:
        """Its first use ends the bootstrap token; the next may be answered without being decided on again."""
        if self._homes.is_staging(request.address):
            return  # on the way to its owner it may be reset, and then the bootstrap token is all it has
        if record.access.device.tokens.lasting_used_at is None:
            self._deliveries.lasting_token_used(record, self._context.clock.now_ms())
            known = known._replace(access=record.access)
        if is_plain(request) and not record.access.tenant.fixed_networks:  # else the decision depends on the address
            self._records.remember(request.path, record, known)

    async def _serve(self, request: ProvRequest, facts: Facts, record: Record) -> Answer:
        """Give the file that was asked for; from the cache if everything about it was found in order before."""
        asked = facts.asked
        assert asked is not None  # noqa: S101 - released requests have a path
        if request.method != _POST and self._catalogue.login_form(asked) is not None:
            raise Refusal(reason=Reason.NO_RULE)
        whole, artefact = record.whole, record.artefacts.get(asked.shape)
        vendor = self._catalogue.vendors[record.access.device.vendor]
        try:
            if whole is None or artefact is None or whole.lost_password:
                rule = self._catalogue.file_rule(vendor.slug, asked)
                if vendor.refusal(record.access.device.model):
                    raise Refusal(reason=Reason.NO_RULE)
                if rule is None or rule.template is None:
                    return await self._serve_other(request, facts, record, asked)
                whole = await self._records.complete(record)
                self._check_lost(request, facts, record, whole=whole, rule=rule, vendor=vendor)
                artefact = artefact or self._render(vendor, rule, record, whole, asked.shape)
            if request.if_none_match is not None and matches(request.if_none_match, artefact.etag):
                return Answer(
                    outcome="not_modified", status=304, etag=artefact.etag, changed=whole.changed_text, facts=facts
                )
            answer = self._fill(request, facts, record, whole, artefact)
            if answer.delivery is not None:
                await self._deliveries.begin(answer.delivery)
            return answer  # noqa: TRY300 - what is raised above may come from the filling
        except RenderError as error:
            # A mistake of ours or a value that slipped in: the phone keeps what it has, somebody must look.
            reason = "unfit_value" if isinstance(error, UnfitValue) else "template_broken"
            self._render_failed(vendor.slug, reason)
            structlog.get_logger().error(
                "render.failed", vendor=vendor.slug, mac=record.access.device.mac.value, problem=str(error)
            )
            return Answer(outcome="failed", status=503, reason=reason, facts=facts)

    def _check_lost(
        self, request: ProvRequest, facts: Facts, record: Record, *, whole: Whole, rule: FileRule, vendor: Vendor
    ) -> None:
        """
        Withhold a configuration that lost its password, where the maker's phones would lose it too.

        Fail closed: one that was encrypted is withheld when its key has been deleted; it never goes out in clear.
        """
        lost_key = bool(rule.encryptions) and whole.lost_key
        if not lost_key and not (whole.lost_password and rule.configuration):
            return
        if facts.proof not in _LASTING:
            # Its bootstrap URL still works, so the lasting one was never used: the phone has lost what it had.
            self._deliveries.needs_password(record, request, self._context.clock.now_ms())
        answer = vendor.after_deletion_of(whole.view, rule, user_agent=request.user_agent)
        if lost_key or answer is AfterDeletion.NOT_FOUND:
            raise Refusal(reason=Reason.DELETED, outcome="withheld_after_deletion")

    def _render(self, vendor: Vendor, rule: FileRule, record: Record, whole: Whole, shape: str) -> Artefact:
        skeleton = self._renderer.render(vendor, rule, whole.view)
        fixed = b"\x00".join(part if isinstance(part, bytes) else _told_apart(part.slot) for part in skeleton.parts)
        versions = ",".join(whole.credentials[f].id for f in sorted(skeleton.fields) if f != PROVISIONING_URL)
        generation = record.access.device.tokens.generation
        if skeleton.encryption is not None:  # the same content in another cipher is another file
            fixed += b"\x00" + skeleton.encryption.name.encode()
        etag = self._tokens.tag(b"%b\x00%b\x00%d" % (fixed, versions.encode(), generation))
        artefact = Artefact(skeleton=skeleton, etag=f'"{etag}"', rule=rule.name)
        record.artefacts[shape] = artefact
        self._records.keep(record)
        return artefact

    def _fill(self, request: ProvRequest, facts: Facts, record: Record, whole: Whole, artefact: Artefact) -> Answer:
        """Open what the artefact needs, and put it in. It may leave once the answer's delivery has begun."""
        skeleton = artefact.skeleton
        secrets: dict[str, Secret] = {}
        carried: list[Credential] = []
        for name in skeleton.fields:
            if name == PROVISIONING_URL:
                secrets[name] = self._own_url(record, facts)
            else:
                credential = whole.credentials[name]
                secrets[name] = self._secrets.open(whole.envelopes[name])
                carried.append(credential)
        answer = Answer(
            outcome="delivered" if carried else "served",
            status=200,
            body=finish(skeleton, secrets),
            content_type=skeleton.content_type,
            content_encoding=skeleton.encryption.content_encoding if skeleton.encryption else "",
            etag=artefact.etag,
            changed=whole.changed_text,
            artefact=artefact,
            facts=facts,
        )
        if skeleton.fields and request.method != "HEAD":
            answer.delivery = self._deliveries.draft(request, facts.proof, record, whole, carried)
        return answer

    def _own_url(self, record: Record, facts: Facts) -> Secret:
        if facts.proof is Proof.LASTING_TOKEN and facts.asked is not None:
            return Secret(f"{self._base_url}/{facts.asked.token}/")  # it came under that very URL
        device = record.access.device
        return Secret(f"{self._base_url}/{self._tokens.lasting(device.id, device.tokens.generation)}/")

    async def _serve_asset(self, request: ProvRequest, facts: Facts) -> Answer:
        """A file that lies at a path of its own, whoever asks."""
        facts.asked, facts.token, file = await self._files.at(request.path)
        if file is None:
            raise Refusal(reason=Reason.NO_ASSET)
        return Answer(outcome="served", status=200, file=file, facts=facts)

    async def _serve_other(self, request: ProvRequest, facts: Facts, record: Record, asked: Asked) -> Answer:
        """What no template gives: the phone book, an asset that is pinned for the device, or its own upload."""
        found = await self._files.of_device(record.access.device, asked)
        if found is None:
            return await self._serve_upload(facts, record, asked)
        if isinstance(found, StoredFile):
            return Answer(outcome="served", status=200, file=found, facts=facts)
        if facts.proof in _UNPROVEN:  # fail closed: names and numbers of people, and a MAC is no secret
            raise Refusal(reason=Reason.UNPROVEN)
        page = Answer(outcome="served", status=200, etag=found.etag, facts=facts)
        if request.if_none_match is not None and matches(request.if_none_match, found.etag):
            return replace(page, outcome="not_modified", status=304)
        return replace(page, body=found.body, content_type=found.content_type)

    async def _serve_upload(self, facts: Facts, record: Record, asked: Asked) -> Answer:
        """A file the phone itself has left with us, if its maker's phones read it back."""
        maker = record.access.device.vendor
        rule = self._catalogue.upload_rule(maker, asked)
        if rule is None or not rule.returned:
            known = rule is not None or self._catalogue.file_rule(maker, asked) is not None
            raise Refusal(reason=Reason.NO_TEMPLATE if known else Reason.NO_RULE)
        try:
            content = await self._uploads.read(record.access.device, asked.plain_file)
        except SecretGone:
            content = None
        if content is None:
            raise Refusal(reason=Reason.NO_UPLOAD)
        return Answer(outcome="served", status=200, body=content, content_type=rule.content_type, facts=facts)

    def _upload_rule(self, facts: Facts) -> UploadRule:
        assert facts.asked is not None and facts.record is not None  # noqa: S101, PT018 - released
        rule = self._catalogue.upload_rule(facts.record.access.device.vendor, facts.asked)
        if rule is None:
            raise Refusal(reason=Reason.NO_UPLOAD)
        if rule.may_hold_credentials and facts.record.access.forgotten:
            # Fail closed: it may hold the very password that was deleted here, and nothing would delete it again.
            raise Refusal(reason=Reason.DELETED)
        return rule

    def _note_forgotten(self, request: ProvRequest, facts: Facts, now_ms: int) -> None:
        """
        A device whose password was deleted asks without the URL it was given: it was reset to factory settings.

        Only a hint to the reseller, and only if the User-Agent fits: anybody can ask with somebody's MAC.
        """
        record, agent, asked = facts.record, facts.agent, facts.asked
        if record is None or asked is None or not record.access.forgotten:
            return
        vendor = self._catalogue.vendors[record.access.device.vendor]
        rule = self._catalogue.file_rule(vendor.slug, asked)
        if rule is None or not rule.configuration:
            return
        fits = agent is not None and agent.vendor == vendor.slug and agent.mac in (None, record.access.device.mac)
        if fits or vendor.generated_ids:
            self._deliveries.needs_password(record, request, now_ms)

    def _withheld(self, request: ProvRequest, error: Refusal | StorageError | VaultError, facts: Facts) -> Answer:
        """
        The answer when nothing goes out: the one refusal, or "come again" when the store or the vault failed.

        Where logins are asked for, the one refusal asks for them: whatever was asked, unless a token was tried or
        something was proven. That depends on nothing that a stranger does not know.
        """
        if not isinstance(error, Refusal):
            # Fail closed: phones ask again; an artefact without its password could wipe a working phone.
            structlog.get_logger().error("answer.failed", problem=str(error))
            return Answer(outcome="unavailable", status=503, reason="store", facts=facts)
        if error.reason is Reason.TOO_OFTEN:  # said only to who has proven to be the device: no oracle
            return Answer(outcome=error.outcome, status=429, reason=error.reason, facts=facts)
        if self._logins is None or facts.token is not None or facts.proof not in _UNPROVEN:
            return Answer(outcome=error.outcome, status=404, reason=error.reason, facts=facts)
        challenge = self._logins.challenge(request, facts.agent, facts.login)
        return Answer(outcome=error.outcome, status=401, reason=error.reason, challenge=challenge, facts=facts)


@lru_cache(maxsize=1024)  # most slots stand in the files of many devices
def _told_apart(slot: SecretSlot) -> bytes:
    return repr(slot).encode()
