#!/usr/bin/env python3
"""A bank's, or the operator's, client of the Corridor gateway.

Needs Python 3.9 and the package "cryptography". Keys are PEM files (PKCS #8, Ed25519), as
`corridor up` writes them. CORRIDOR_KEY_ID names another key than key-1, as after a rotation.

    corridor_client.py URL NETWORK pay BIC KEY.pem CREDITOR_BIC CURRENCY AMOUNT [SECONDS]
    corridor_client.py URL NETWORK watch BIC KEY.pem COUNT
    corridor_client.py URL NETWORK read BIC KEY.pem PATH    what a GET gives, as JSON: /banks/BIC/queue
    corridor_client.py URL NETWORK command POOL KEY.pem JSON
"""
import base64
import datetime
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
import xml.etree.ElementTree as ElementTree

from cryptography.hazmat.primitives.serialization import load_pem_private_key

KEY_ID = os.environ.get("CORRIDOR_KEY_ID", "key-1")


def signed_text(network, topic, message_type, source, key_id, message_id, issued_at, payload):
    """The nine lines that are signed; `payload` byte for byte."""
    digest = hashlib.sha256(payload).hexdigest()
    return "\n".join(["CORRIDOR-SIG-V1", network, topic, message_type, source, key_id,
                      message_id, issued_at, digest, ""]).encode("ascii")


def signed_headers(key, network, topic, message_type, source, key_id, message_id, payload):
    """The headers of a signed message."""
    issued_at = str(int(time.time() * 1000))
    text = signed_text(network, topic, message_type, source, key_id, message_id, issued_at, payload)
    return {
        "ce-specversion": "1.0",
        "ce-id": message_id,
        "ce-source": source,
        "ce-type": message_type,
        "ce-keyid": key_id,
        "ce-issuedatms": issued_at,
        "ce-signature": base64.b64encode(key.sign(text)).decode("ascii"),
    }


def request(method, url, headers, body=None):
    """One exchange: (status, headers, bytes). Problems (RFC 9457) come back like answers."""
    try:
        with urllib.request.urlopen(
                urllib.request.Request(url, data=body, headers=headers, method=method)) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.headers, problem.read()


class Bank:
    def __init__(self, url, network, bic, key):
        self.url, self.network, self.bic, self.key = url, network, bic, key
        self.looked_until = None

    def read_headers(self, target):
        """A request to read is signed like a message whose payload is "GET <target>"."""
        return signed_headers(self.key, self.network, "http", "corridor.query.1", self.bic,
                              KEY_ID, str(uuid.uuid4()), f"GET {target}".encode("ascii"))

    def send(self, message_id, payload, message_type="pacs.008.001.08", content_type="application/json"):
        """Sends until the log has it. Sending again is safe: a payment settles once."""
        while True:
            headers = signed_headers(self.key, self.network, "payments", message_type,
                                     self.bic, KEY_ID, message_id, payload)
            headers["content-type"] = content_type
            status, answered, body = request("POST", self.url + "/payments", headers, payload)
            if status not in (429, 503):
                return status, json.loads(body)
            time.sleep(int(answered.get("retry-after", "1")))

    def read(self, target):
        status, _, body = request("GET", self.url + target, self.read_headers(target))
        return status, json.loads(body)

    def final_status(self, uetr, payload, query="", seconds=30):
        """Reads what became of a payment until it is final: its state and the reason, if any. After a second it says
        once what the payment waits for, such as a quorum of auditors."""
        end = time.monotonic() + seconds
        waits, told_from = "", time.monotonic() + 1
        while time.monotonic() < end:
            status, answer = self.read(f"/payments/{uetr}{query}")
            if status == 200 and answer["statuses"]:
                waits = f": {answer['state']} {reason(answer['statuses'][-1])}"
            if status == 200 and not answer["final"] and waits and time.monotonic() > told_from:
                print(f"{uetr} waits for up to {seconds} s{waits}", file=sys.stderr, flush=True)
                told_from = float("inf")
            if status == 200 and answer["final"]:
                decisive = [item for item in answer["statuses"] if item["status"] == answer["state"]]
                return answer["state"], reason(decisive[0])
            if status == 404:
                notice = self.notice_of(payload)
                if notice:
                    return notice["status"], reason(notice)
            elif status not in (200, 429, 503):
                raise SystemExit(f"{status} {answer['title']}: {answer['detail']}")
            time.sleep(0.1)
        raise SystemExit(f"{uetr} has no final status after {seconds} s{waits}")

    def notice_of(self, payload):
        """A message whose signature, key or time is refused has no status under its UETR: a notice
        among the bank's statuses names its payload's digest."""
        digest = f"payload sha256 {hashlib.sha256(payload).hexdigest()}"
        while True:
            after = f"?from={self.looked_until}" if self.looked_until else ""
            status, page = self.read(f"/banks/{self.bic}/statuses{after}")
            if status != 200 or not page["items"]:
                return None
            for item in page["items"]:
                if item["uetr"] is None and digest in reason(item):
                    return item
            self.looked_until = page["next"]

    def watch(self, last_event_id=None):
        """Server-sent events, without loss: after a break it goes on behind the last event."""
        target = f"/banks/{self.bic}/statuses/stream"
        while True:
            headers = self.read_headers(target)
            if last_event_id:
                headers["last-event-id"] = last_event_id
            try:
                with urllib.request.urlopen(
                        urllib.request.Request(self.url + target, headers=headers)) as stream:
                    event = {}
                    for line in stream:
                        name, _, value = line.decode("utf-8").rstrip("\n").partition(": ")
                        if name == "" and "data" in event:
                            last_event_id = event["id"]
                            yield last_event_id, json.loads(event["data"])
                            event = {}
                        elif name:
                            event[name] = value
            except OSError as error:
                print(f"the stream broke ({error}), goes on after {last_event_id}", file=sys.stderr)
                time.sleep(1)


def reason(item):
    """Code, text and remedy of a status, on one line; empty where it gives none."""
    if isinstance(item["document"], str):
        return "; ".join(texts(item["document"], "Cd", "Prtry", "AddtlInf"))
    report = item["document"].get("Document", {}).get("FIToFIPmtStsRpt", {"TxInfAndSts": [{}]})
    given = report["TxInfAndSts"][0].get("StsRsnInf", [{}])[0]
    return "; ".join([*given.get("Rsn", {}).values(), *given.get("AddtlInf", [])])


def texts(document, *names):
    """The texts of all elements of these names in a document that was told in XML, in their order."""
    elements = ElementTree.fromstring(document.encode("utf-8")).iter()
    return [one.text for one in elements if one.tag.rpartition("}")[2] in names]


def credit_transfer(uetr, debtor_agent, creditor_agent, currency, amount):
    now = datetime.datetime.now(datetime.timezone.utc)
    bank = lambda bic: {"FinInstnId": {"BICFI": bic}}
    return json.dumps({"Document": {"FIToFICstmrCdtTrf": {
        "GrpHdr": {
            "MsgId": uetr[:8],
            "CreDtTm": now.isoformat(timespec="milliseconds"),
            "NbOfTxs": "1",
            "SttlmInf": {"SttlmMtd": "CLRG"},
        },
        "CdtTrfTxInf": [{
            "PmtId": {"EndToEndId": uetr[:8], "UETR": uetr},
            "IntrBkSttlmAmt": {"Ccy": currency, "Amt": amount},
            "IntrBkSttlmDt": now.date().isoformat(),
            "ChrgBr": "SHAR",
            "InstgAgt": bank(debtor_agent),
            "Dbtr": {"Nm": "A. Payer"},
            "DbtrAgt": bank(debtor_agent),
            "CdtrAgt": bank(creditor_agent),
            "Cdtr": {"Nm": "B. Payee"},
        }],
    }}}).encode("utf-8")


def command(url, network, pool, key, text):
    """A command of the operator: signed for the pool's input, by the key that its genesis names."""
    payload = json.dumps({"pool": pool, "command": json.loads(text)}).encode("utf-8")
    headers = signed_headers(key, network, f"pool.{pool}.input", "corridor.operator.1", "operator",
                             "genesis", str(uuid.uuid4()), payload)
    headers["content-type"] = "application/json"
    return request("POST", url + "/operator/commands", headers, payload)


def main():
    if len(sys.argv) < 6:
        raise SystemExit(__doc__)
    url, network, action, name, key_file, *rest = sys.argv[1:]
    with open(key_file, "rb") as file:
        key = load_pem_private_key(file.read(), password=None)
    try:
        act(Bank(url, network, name, key), action, rest)
    except urllib.error.URLError as error:
        raise SystemExit(f"{url}: no gateway answers: {error.reason}")


def act(bank, action, rest):
    if action == "pay":
        uetr = str(uuid.uuid4())
        payload = credit_transfer(uetr, bank.bic, *rest[:3])
        status, answer = bank.send(uetr, payload)
        if status != 202:
            raise SystemExit(f"{status} {answer['title']}: {answer['detail']}")
        seconds = int(rest[3]) if len(rest) > 3 else 30
        state, because = bank.final_status(uetr, payload, seconds=seconds)
        print(uetr, state, *([because] if state == "RJCT" else []))
        sys.exit(1 if state == "RJCT" else 0)
    elif action == "watch":
        # Answers, and what nobody asked for (openings, alleged legs), are no payment's status.
        statuses = (one for one in bank.watch() if one[1]["status"])
        for count, (position, item) in enumerate(statuses, start=1):
            print(position, item["uetr"], item["status"], flush=True)
            if count == int(rest[0]):
                break
    elif action == "read":
        status, answer = bank.read(rest[0])
        print(json.dumps(answer, indent=2))
        sys.exit(0 if status == 200 else 1)
    elif action == "command":
        status, _, body = command(bank.url, bank.network, bank.bic, bank.key, rest[0])
        print(status, body.decode("utf-8"))
        sys.exit(0 if status == 202 else 1)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    try:
        try:
            main()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough, as `head` does. What is left is for nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
