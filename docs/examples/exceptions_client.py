#!/usr/bin/env python3
"""What follows a settled payment, through the Corridor gateway: asking for it back, answering that, returning it.

Needs what corridor_client.py needs, beside which it stands.

    exceptions_client.py URL NETWORK ask BIC KEY.pem UETR [SENDER_BIC]    how a payment stands (pacs.028)
    exceptions_client.py URL NETWORK recall BIC KEY.pem UETR              the payer's bank wants it back (camt.056)
    exceptions_client.py URL NETWORK answer BIC KEY.pem UETR CONF [CODE]  the receiver's bank answers (camt.029)
    exceptions_client.py URL NETWORK return BIC KEY.pem UETR AMOUNT CODE  the receiver's bank pays back (pacs.004)
"""
import base64
import datetime
import json
import sys
import time
import uuid

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from corridor_client import Bank, reason

CREDIT_TRANSFER = "pacs.008.001.08"


def agent(bic):
    return {"Agt": institution(bic)}


def institution(bic):
    return {"FinInstnId": {"BICFI": bic}}


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


def items(bank, kind, after=None, seconds=0):
    """What the bank has in "statuses" or "deliveries" behind a place, and what comes in so many seconds."""
    end = time.monotonic() + seconds
    while True:
        behind = f"from={after}&" if after else ""
        status, page = bank.read(f"/banks/{bank.bic}/{kind}?{behind}wait={1000 if seconds else 0}")
        if status != 200:
            raise SystemExit(f"{status} {page['title']}: {page['detail']}")
        yield from page["items"]
        after = page["next"]
        if not page["items"] and time.monotonic() >= end:
            return


def send(bank, message_type, message_id, document):
    """Sends a message of any type. Gives its bytes, and what the bank is told behind it."""
    told = [item["position"] for item in items(bank, "statuses")]
    payload = json.dumps({"Document": document}).encode("utf-8")
    status, answer = bank.send(message_id, payload, message_type)
    if status != 202:
        raise SystemExit(f"{status} {answer['title']}: {answer['detail']}")
    return payload, items(bank, "statuses", told[-1] if told else None, seconds=30)


def answer_to(told, message_id):
    """The camt.029 or camt.025 that names the message."""
    for item in told:
        if message_id in json.dumps(item["document"]):
            return item["document"]["Document"]
    raise SystemExit(f"{message_id} has no answer after 30 s")


def received(bank, uetr):
    """A payment that settled in the bank's favour: who sent it, and its document."""
    for item in items(bank, "deliveries"):
        if item["uetr"] == uetr and item["type"] == CREDIT_TRANSFER:
            document = json.loads(base64.b64decode(item["payload"]))["Document"]
            return item["headers"]["ce_source"], document["FIToFICstmrCdtTrf"]
    raise SystemExit(f"{bank.bic} has received no payment {uetr}")


def original(message_id, uetr):
    """How a message names the payment that it is about."""
    return {"OrgnlGrpInf": {"OrgnlMsgId": message_id, "OrgnlMsgNmId": CREDIT_TRANSFER}, "OrgnlUETR": uetr}


def ask(bank, uetr, sender=None):
    message_id = f"SR-{uuid.uuid4().hex[:16]}"
    _, told = send(bank, "pacs.028.001.03", message_id, {"FIToFIPmtStsReq": {
        "GrpHdr": {"MsgId": message_id, "CreDtTm": now()},
        "TxInf": [{
            **original("NOTPROVIDED", uetr),
            "InstgAgt": institution(bank.bic),
            "OrgnlTxRef": {"DbtrAgt": institution(sender or bank.bic)},
        }],
    }})
    for item in told:
        refused = message_id in json.dumps(item["document"])
        if refused or item["uetr"] == uetr:
            print(uetr, *filter(None, ["unknown" if refused else item["status"], reason(item)]))
            return


def recall(bank, uetr):
    message_id = f"CX-{uuid.uuid4().hex[:16]}"
    _, told = send(bank, "camt.056.001.08", message_id, {"FIToFIPmtCxlReq": {
        "Assgnmt": {"Id": message_id, "Assgnr": agent(bank.bic), "CreDtTm": now()},
        "Undrlyg": [{"TxInf": [{
            "OrgnlGrpInf": {"OrgnlMsgNmId": CREDIT_TRANSFER},
            "OrgnlUETR": uetr,
            "CxlRsnInf": [{"Rsn": {"Cd": "DUPL"}}],
        }]}],
    }})
    answered = answer_to(told, message_id)["RsltnOfInvstgtn"]
    conf = answered["Sts"]["Conf"]
    why = [line for given in answered["CxlDtls"][0]["TxInfAndSts"][0].get("CxlStsRsnInf", [])
           for line in [*given["Rsn"].values(), *given.get("AddtlInf", [])]]
    print(uetr, conf, *why)
    sys.exit(1 if conf == "RJCR" else 0)


def answer(bank, uetr, conf, code=None):
    sender, payment = received(bank, uetr)
    message_id = f"AN-{uuid.uuid4().hex[:16]}"
    _, told = send(bank, "camt.029.001.09", message_id, {"RsltnOfInvstgtn": {
        "Assgnmt": {"Id": message_id, "Assgnr": agent(bank.bic), "Assgne": agent(sender), "CreDtTm": now()},
        "Sts": {"Conf": conf},
        "CxlDtls": [{"TxInfAndSts": [{
            **original(payment["GrpHdr"]["MsgId"], uetr),
            **({"CxlStsRsnInf": [{"Rsn": {"Cd": code}}]} if code else {}),
        }]}],
    }})
    handled = answer_to(told, message_id)["Rct"]["RctDtls"][0]["ReqHdlg"]
    print(uetr, handled[0]["StsCd"], *filter(None, [line.get("Desc") for line in handled]))
    sys.exit(0 if handled[0]["StsCd"] == "COMP" else 1)


def give_back(bank, uetr, amount, code):
    sender, payment = received(bank, uetr)
    credited = payment["CdtTrfTxInf"][0]["IntrBkSttlmAmt"]["Ccy"]
    message_id = f"RT-{uuid.uuid4().hex[:16]}"
    payload, _ = send(bank, "pacs.004.001.09", message_id, {"PmtRtr": {
        "GrpHdr": {
            "MsgId": message_id,
            "CreDtTm": now(),
            "NbOfTxs": "1",
            "SttlmInf": {"SttlmMtd": "CLRG"},
        },
        "TxInf": [{
            **original(payment["GrpHdr"]["MsgId"], uetr),
            "RtrdIntrBkSttlmAmt": {"Ccy": credited, "Amt": amount},
            "IntrBkSttlmDt": now()[:10],
            "InstgAgt": institution(bank.bic),
            "InstdAgt": institution(sender),
            "RtrRsnInf": [{"Rsn": {"Cd": code}}],
        }],
    }})
    query = f"?type=pacs.004.001.09&message={message_id}"
    state, because = bank.final_status(uetr, payload, query)
    print(uetr, state, *([because] if because else []))
    sys.exit(1 if state == "RJCT" else 0)


ACTIONS = {"ask": ask, "recall": recall, "answer": answer, "return": give_back}

if __name__ == "__main__":
    if len(sys.argv) < 7 or sys.argv[3] not in ACTIONS:
        raise SystemExit(__doc__)
    url, network, action, bic, key_file, *rest = sys.argv[1:]
    with open(key_file, "rb") as file:
        key = load_pem_private_key(file.read(), password=None)
    ACTIONS[action](Bank(url, network, bic, key), *rest)
