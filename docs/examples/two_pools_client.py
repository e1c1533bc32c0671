#!/usr/bin/env python3
"""A trade whose two legs lie in two pools: both settle or neither, by an operator that holds no money.

Needs what chain_client.py needs, beside which it stands. Over the Corridor gateway.

    two_pools_client.py URL NETWORK propose BIC KEY.pem CREDITOR_BIC CURRENCY AMOUNT CURRENCY AMOUNT OPERATOR_BIC [ATTESTOR_BIC...]
        sends leg 1, by which BIC pays in the pool that decides, and names the leg that CREDITOR_BIC pays back in the
        other; all of the attestors have to accept, within ten minutes; prints the chain's id
    two_pools_client.py URL NETWORK agree BIC KEY.pem CHAIN_ID
        sends the leg that BIC is told to be missing, with the terms that it is told
    two_pools_client.py URL NETWORK follow BIC KEY.pem CHAIN_ID
        what BIC is told of its own leg until that is final; then what it has received, in the other pool

An attestor answers with chain_client.py.
"""
import base64
import datetime
import json
import sys
import uuid

from chain_client import all_accept, final_status, leg, main, send, terms_digest, time_in, told
from corridor_client import reason
from exceptions_client import institution, items


def instruct(bank, terms, number):
    """Sends one leg of the terms; each bank sends its own. Gives what the bank is told of it first."""
    uetr = str(uuid.uuid4())
    send(bank, "corridor.chain.1", uetr, {"Chn": {
        **terms,
        "MsgId": f"H-{uetr[:8]}",
        "UETR": uetr,
        "InstgAgt": institution(bank.bic),
        "InstdLeg": number,
        "TermsDgst": terms_digest(bank.network, terms),
    }})
    for item in items(bank, "statuses", seconds=30):
        if item["uetr"] == uetr:
            print(terms["ChnId"], item["status"], reason(item))
            sys.exit(1 if item["status"] == "RJCT" else 0)
    raise SystemExit(f"{terms['ChnId']} has no status")


def propose(bank, creditor, currency, amount, currency2, amount2, operator, *attestors):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    instruct(bank, {
        "ChnId": f"TRADE-{uuid.uuid4().hex[:8]}",
        "IntrBkSttlmDt": today.isoformat(),
        "Legs": [leg(bank.bic, creditor, currency, amount), leg(creditor, bank.bic, currency2, amount2)],
        **({"Cond": all_accept(attestors, today)} if attestors else {}),
        # Both pools end what they have not promised by then.
        "Earmrk": {"Tmg": "ACCEPTANCE", "XpryTm": time_in(11, today), "OnXpry": "RELEASE"},
        "Sync": {"Optr": institution(operator), "NbOfHomeLegs": "1"},
    }, "1")


def agree(bank, chain_id):
    for item in items(bank, "statuses", seconds=30):
        alleged = told(item).get("ChnAllgmt", {})
        if alleged.get("ChnId") == chain_id and alleged["Sts"] == "ALLEGED":
            break
    else:
        raise SystemExit(f"{bank.bic} is told nothing of {chain_id}")
    if terms_digest(bank.network, alleged) != alleged["TermsDgst"]:
        raise SystemExit(f"{chain_id}: the digest is not that of the terms")
    terms = {name: alleged[name] for name in ("ChnId", "IntrBkSttlmDt", "Legs", "Cond", "Earmrk", "Sync")
             if name in alleged}
    # What stands in the terms is what this bank pays and gets: a real bank looks at it here.
    for number in alleged["MssngLeg"]:
        if terms["Legs"][int(number) - 1]["DbtrAgt"] == institution(bank.bic):
            instruct(bank, terms, number)
    raise SystemExit(f"{chain_id} waits for no leg of {bank.bic}")


def follow(bank, chain_id):
    if final_status(bank, chain_id) != "ACSC":
        sys.exit(1)
    # The other pool follows within seconds: a leg that the other bank paid comes as a delivery.
    for item in items(bank, "deliveries", seconds=30):
        payload = base64.b64decode(item["payload"])
        chain = json.loads(payload).get("Chn", {}) if payload.startswith(b"{") else {}
        if chain.get("ChnId") == chain_id:
            money = chain["Legs"][int(chain["InstdLeg"]) - 1]["Dlvr"]
            print(chain_id, "received", money["Ccy"], money["Amt"])
            return
    raise SystemExit(f"{chain_id}: {bank.bic} has received nothing")


if __name__ == "__main__":
    main(__doc__, {"propose": (propose, 6), "agree": (agree, 1), "follow": (follow, 1)})
