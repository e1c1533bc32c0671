#!/usr/bin/env python3
"""A payment that settles when others attest, and its money is set aside meanwhile: a chain with a condition.

Needs what corridor_client.py needs, beside which it stands. Over the Corridor gateway.

    chain_client.py URL NETWORK instruct BIC KEY.pem CREDITOR_BIC CURRENCY AMOUNT ATTESTOR_BIC...
        all of the attestors have to accept, within ten minutes; prints the chain's id
    chain_client.py URL NETWORK attest BIC KEY.pem CHAIN_ID ACCEPT|REFUSE|HOLD REASON
        by what the attestor was asked, which it reads among its statuses
    chain_client.py URL NETWORK follow BIC KEY.pem CHAIN_ID
        what the debtor's bank is told of it until it is final
"""
import datetime
import decimal
import hashlib
import json
import sys
import uuid

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from corridor_client import Bank, reason
from exceptions_client import answer_to, institution, items, now

FINAL = ("ACSC", "RJCT", "CANC")


def terms_digest(network, chain):
    """SHA-256 of the terms as docs/messages.md writes them, for amounts of two decimals."""
    lines = ["corridor.chain.1", network, chain["ChnId"], chain["IntrBkSttlmDt"]]
    for leg in chain["Legs"]:
        money = leg["Dlvr"]
        minor = int(decimal.Decimal(money["Amt"]) * 100)
        agents = [leg[agent]["FinInstnId"]["BICFI"] for agent in ("DbtrAgt", "CdtrAgt")]
        lines.append(" ".join([*agents, money["Ccy"], str(minor)]))
    condition, earmark, pools = chain.get("Cond"), chain["Earmrk"], chain.get("Sync")
    if condition:
        lines.append(f"condition {condition['Ddln']} {condition['OnSlnce'].lower()}")
        for group in condition["Grp"]:
            attestors = [one["FinInstnId"]["BICFI"] for one in group["Attstr"]]
            lines.append(" ".join(["group", group["MinAttstrs"], *attestors]))
        lines.append(f"of {condition['MinGrps']}")
    lines.append(f"earmark {earmark['Tmg'].lower()} {earmark['XpryTm']} {earmark['OnXpry'].lower()}")
    if pools:
        lines.append(f"synchronised {pools['Optr']['FinInstnId']['BICFI']} {pools['NbOfHomeLegs']}")
    return hashlib.sha256("".join(line + "\n" for line in lines).encode("utf-8")).hexdigest()


def told(item):
    """What was told in JSON; what answers another message of the bank, sent in XML, is none of this."""
    return item["document"] if isinstance(item["document"], dict) else {}


def time_in(minutes, date):
    """So many minutes ahead, as a time of the settlement date: its zone lets it lie behind midnight UTC."""
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    if then.date() == date:
        return then.strftime("%H:%M:%SZ")
    return (then - datetime.timedelta(hours=12)).strftime("%H:%M:%S-12:00")


def send(bank, message_type, message_id, document):
    payload = json.dumps(document).encode("utf-8")
    status, answer = bank.send(message_id, payload, message_type)
    if status != 202:
        raise SystemExit(f"{status} {answer['title']}: {answer['detail']}")


def leg(debtor, creditor, currency, amount):
    return {
        "DbtrAgt": institution(debtor),
        "CdtrAgt": institution(creditor),
        "Dlvr": {"Ccy": currency, "Amt": amount},
    }


def all_accept(attestors, date):
    """The condition that all of them accept within ten minutes."""
    return {
        "Ddln": time_in(10, date),
        "OnSlnce": "RELEASE",
        "MinGrps": str(len(attestors)),
        "Grp": [{"MinAttstrs": "1", "Attstr": [institution(bic)]} for bic in attestors],
    }


def instruct(bank, creditor, currency, amount, *attestors):
    uetr, today = str(uuid.uuid4()), datetime.datetime.now(datetime.timezone.utc).date()
    chain = {
        "MsgId": f"H-{uetr[:8]}",
        "ChnId": f"CARGO-{uetr[:8]}",
        "UETR": uetr,
        "InstgAgt": institution(bank.bic),
        "Legs": [leg(bank.bic, creditor, currency, amount)],
        "Cond": all_accept(attestors, today),
        "Earmrk": {"Tmg": "ACCEPTANCE", "XpryTm": time_in(11, today), "OnXpry": "RELEASE"},
        "InstdLeg": "1",
        "IntrBkSttlmDt": today.isoformat(),
    }
    chain["TermsDgst"] = terms_digest(bank.network, chain)
    send(bank, "corridor.chain.1", uetr, {"Chn": chain})
    for item in items(bank, "statuses", seconds=30):
        if item["uetr"] == uetr and item["status"] == "RJCT":
            raise SystemExit(f"{chain['ChnId']} {reason(item)}")
        if item["uetr"] == uetr and item["status"] == "ACFC":
            print(chain["ChnId"], reason(item))
            return
    raise SystemExit(f"{chain['ChnId']} has not been funded")


def attest(bank, chain_id, verdict, why):
    for item in items(bank, "statuses", seconds=30):
        asked = told(item).get("AttstnReq", {})
        if asked.get("ChnId") == chain_id and asked["Sts"] == "REQUESTED":
            break
    else:
        raise SystemExit(f"{bank.bic} was asked nothing about {chain_id}")
    # What it attests are the terms that it was shown: the digest names no others.
    digest = terms_digest(bank.network, asked)
    if digest != asked["TermsDgst"]:
        raise SystemExit(f"{chain_id}: the digest is not that of the terms")
    message_id = f"T-{uuid.uuid4().hex[:16]}"
    send(bank, "corridor.attestation.1", message_id, {"Attstn": {
        "MsgId": message_id,
        "CreDtTm": now(),
        "Attstr": institution(bank.bic),
        # Of a chain over two pools: which of them asked.
        **({"Ccy": asked["Ccy"]} if "Ccy" in asked else {}),
        "Chn": {
            "TermsDgst": digest,
            "IntrBkSttlmDt": asked["IntrBkSttlmDt"],
            "NbOfLegs": asked["NbOfLegs"],
            "Vrdct": verdict,
            "Rsn": why,
        },
    }})
    answers = items(bank, "statuses", after=item["position"], seconds=30)
    handled = answer_to(answers, message_id)["Rct"]["RctDtls"][0]["ReqHdlg"]
    print(chain_id, handled[0]["StsCd"], *filter(None, [line.get("Desc") for line in handled]))
    sys.exit(0 if handled[0]["StsCd"] == "COMP" else 1)


def final_status(bank, chain_id):
    """Prints what the bank is told of its leg until that is final."""
    for item in items(bank, "statuses", seconds=30):
        report = told(item).get("Document", {}).get("FIToFIPmtStsRpt", {"TxInfAndSts": [{}]})
        if report["TxInfAndSts"][0].get("OrgnlEndToEndId") != chain_id:
            continue
        print(chain_id, item["status"], reason(item), flush=True)
        if item["status"] in FINAL:
            return item["status"]
    raise SystemExit(f"{chain_id} is not final")


def follow(bank, chain_id):
    sys.exit(0 if final_status(bank, chain_id) == "ACSC" else 1)


def main(usage, actions):
    """Does what the arguments name. Of each action: the function, and how many words it needs."""
    if len(sys.argv) < 7 or sys.argv[3] not in actions or len(sys.argv) < 6 + actions[sys.argv[3]][1]:
        raise SystemExit(usage)
    gateway, net, action, name, key_file, *rest = sys.argv[1:]
    with open(key_file, "rb") as file:
        client = Bank(gateway, net, name, load_pem_private_key(file.read(), password=None))
    actions[action][0](client, *rest)


if __name__ == "__main__":
    main(__doc__, {"instruct": (instruct, 4), "attest": (attest, 3), "follow": (follow, 1)})
