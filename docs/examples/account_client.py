#!/usr/bin/env python3
"""A bank that speaks XML, and reconciles its accounts from what it is told of them alone, through the Corridor gateway.

Needs what corridor_client.py needs, beside which it stands. Nothing here asks for a balance.

    account_client.py URL NETWORK pay BIC KEY.pem CREDITOR_BIC CURRENCY AMOUNT   pacs.008 in XML behind its head.001
    account_client.py URL NETWORK reconcile BIC KEY.pem                          by camt.054 and camt.053, in JSON or XML
"""
import datetime
import decimal
import sys
import uuid
import xml.etree.ElementTree as ElementTree

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from corridor_client import Bank

MESSAGE = "pacs.008.001.08"
HEADER = "urn:iso:std:iso:20022:tech:xsd:head.001.001.02"


def element(name, *content, **attributes):
    """An element with texts or elements in it; ElementTree escapes what a text has."""
    made = ElementTree.Element(name, attributes)
    for one in content:
        if isinstance(one, str):
            made.text = one
        else:
            made.append(one)
    return made


def institution(bic):
    return element("FinInstnId", element("BICFI", bic))


def payment(uetr, debtor, creditor, currency, amount):
    """A pacs.008 behind its business header, as bytes: these are what is signed and what the creditor's bank gets."""
    now = datetime.datetime.now(datetime.timezone.utc)
    instant, message_id = now.strftime("%Y-%m-%dT%H:%M:%SZ"), uetr[:8]
    header = element(
        "AppHdr",
        element("Fr", element("FIId", institution(debtor))),
        element("To", element("FIId", institution(creditor))),
        element("BizMsgIdr", message_id),
        element("MsgDefIdr", MESSAGE),
        element("CreDt", instant),
        xmlns=HEADER)
    transfer = element(
        "CdtTrfTxInf",
        element("PmtId", element("EndToEndId", message_id), element("UETR", uetr)),
        element("IntrBkSttlmAmt", amount, Ccy=currency),
        element("IntrBkSttlmDt", now.date().isoformat()),
        element("ChrgBr", "SHAR"),
        element("InstgAgt", institution(debtor)),
        element("InstdAgt", institution(creditor)),
        element("Dbtr", element("Nm", "Müller & Söhne")),
        element("DbtrAgt", institution(debtor)),
        element("CdtrAgt", institution(creditor)),
        element("Cdtr", element("Nm", "B. Payee")))
    group = element(
        "GrpHdr",
        element("MsgId", message_id),
        element("CreDtTm", instant),
        element("NbOfTxs", "1"),
        element("SttlmInf", element("SttlmMtd", "CLRG")))
    document = element("Document", element("FIToFICstmrCdtTrf", group, transfer),
                       xmlns=f"urn:iso:std:iso:20022:tech:xsd:{MESSAGE}")
    envelope = element("Envelope", header, document, xmlns="urn:swift:xsd:envelope")
    return ElementTree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def pay(bank, creditor, currency, amount):
    uetr = str(uuid.uuid4())
    payload = payment(uetr, bank.bic, creditor, currency, amount)
    status, answer = bank.send(uetr, payload, MESSAGE, "application/xml")
    if status != 202:
        raise SystemExit(f"{status} {answer['title']}: {answer['detail']}")
    # Who sends XML is told in XML.
    state, because = bank.final_status(uetr, payload)
    print(uetr, state, *([because] if because else []))
    sys.exit(0 if state == "ACSC" else 1)


def signed(one):
    """An entry's or a balance's amount, below zero where it is a debit."""
    amount = decimal.Decimal(one["Amt"]["Amt"])
    return amount if one["CdtDbtInd"] == "CRDT" else -amount


class Account:
    """What a bank knows of one account: the bookings that it was told of, and the statements that close over them."""

    def __init__(self, name):
        self.name = name
        #: Amounts by NtryRef, above zero where the account was credited.
        self.bookings = {}
        #: What each camt.054 comes to on a side, until a statement has it: by its MsgId and side.
        self.batches = {}
        self.closing, self.number, self.page = decimal.Decimal(0), 1, 1

    def notify(self, message_id, entries):
        """Bookings of a camt.054."""
        for one in entries:
            amount = signed(one)
            self.expect(one["NtryRef"] in self.bookings, False, f"{one['NtryRef']} was told before:")
            self.bookings[one["NtryRef"]] = amount
            side = message_id, one["CdtDbtInd"]
            self.batches[side] = self.batches.get(side, 0) + amount

    def state(self, statement):
        """A page of a camt.053: it goes on where the one before ended, and has what the camt.054 said."""
        name, page = statement["Id"], statement["StmtPgntn"]
        balances = {one["Tp"]["CdOrPrtry"]["Cd"]: signed(one) for one in statement["Bal"]}
        entries = statement.get("Ntry", [])
        self.expect((int(statement["ElctrncSeqNb"]), int(page["PgNb"])), (self.number, self.page), f"{name} is number")
        self.expect(balances["OPBD"], self.closing, f"{name} opens at")
        self.expect(balances["CLBD"], self.closing + sum(map(signed, entries)), f"{name} closes at")
        for entry in entries:
            batch = entry["NtryDtls"][0].get("Btch")
            if batch:
                told = self.batches.pop((batch["MsgId"], entry["CdtDbtInd"]), None)
                self.expect(signed(entry), told, f"{name} has of {batch['MsgId']}")
            else:
                # A network that tells no camt.054 has the bookings here.
                self.bookings[entry["NtryRef"]] = signed(entry)
        self.closing = balances["CLBD"]
        self.number, self.page = (self.number + 1, 1) if page["LastPgInd"] else (self.number, self.page + 1)

    def balance(self):
        """By the bookings, and by the last closing with what was told since: the same."""
        balance = sum(self.bookings.values(), decimal.Decimal(0))
        self.expect(self.closing + sum(self.batches.values()), balance, "the last closing and what came since are")
        return balance

    def expect(self, found, expected, what):
        if found != expected:
            raise SystemExit(f"{self.name}: {what} {found}, expected {expected}")


#: What is an array in JSON, of what is read here.
REPEATED = {"Ntfctn", "Stmt", "Ntry", "Bal", "NtryDtls"}


def content(node):
    """An element of XML as JSON has it."""
    if len(node) == 0:
        text = node.text or ""
        if "Ccy" in node.attrib:
            return {"Ccy": node.attrib["Ccy"], "Amt": text}
        return {"true": True, "false": False}.get(text, text)
    members = {}
    for child in node:
        name = child.tag.rpartition("}")[2]
        if name in REPEATED:
            members.setdefault(name, []).append(content(child))
        else:
            members[name] = content(child)
    return members


def document(told):
    """What a message says, in either syntax: XML is a text, behind its header in a wrapper."""
    if not isinstance(told, str):
        return told["Document"]
    outer = ElementTree.fromstring(told)
    return content(next(one for one in outer.iter() if one.tag.endswith("}Document")))


def statements(bank):
    """What was told of the accounts, in order, once each: a repeat after a crash has the same id."""
    seen, after = set(), ""
    while True:
        status, page = bank.read(f"/banks/{bank.bic}/statements{after}")
        if status != 200:
            raise SystemExit(f"{status} {page['title']}: {page['detail']}")
        if not page["items"]:
            return
        for item in page["items"]:
            if item["id"] not in seen:
                seen.add(item["id"])
                yield document(item["document"])
        after = f"?from={page['next']}"


def reconcile(bank):
    accounts = {}

    def account(named):
        name = named["Acct"]["Id"]["Othr"]["Id"]
        return accounts.setdefault(name, Account(name))

    for statement in statements(bank):
        notification = statement.get("BkToCstmrDbtCdtNtfctn")
        for one in notification["Ntfctn"] if notification else []:
            account(one).notify(notification["GrpHdr"]["MsgId"], one["Ntry"])
        for one in statement.get("BkToCstmrStmt", {}).get("Stmt", []):
            # What was asked for again (camt.060) has no entries.
            if one.get("CpyDplctInd") != "DUPL":
                account(one).state(one)
    if not accounts:
        raise SystemExit(f"{bank.bic} was told of no account")
    for one in accounts.values():
        print(one.name, one.balance(), "by", len(one.bookings), "bookings; statements:", one.number - 1)


if __name__ == "__main__":
    actions = {"pay": (pay, 9), "reconcile": (reconcile, 6)}
    if len(sys.argv) < 6 or sys.argv[3] not in actions or len(sys.argv) != actions[sys.argv[3]][1]:
        raise SystemExit(__doc__)
    _, gateway, net, action, name, key_file, *rest = sys.argv
    with open(key_file, "rb") as file:
        actions[action][0](Bank(gateway, net, name, load_pem_private_key(file.read(), password=None)), *rest)
