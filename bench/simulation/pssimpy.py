"""Runs PSSimPy 0.1.5 (MIT) on the payments and accounts that the benchmark wrote.

    python pssimpy.py FOLDER WINDOW_MINUTES > result.json

Reads accounts.csv and payments.csv there; PSSimPy writes its own tables into the working folder. The
clock runs from the first byte read to the end of the run, without the start of Python and its imports.
Opening hours and the queue's class are PSSimPy's own; no account may borrow.
"""
import json
import sys
import time

import pandas as pd
from PSSimPy.credit_facilities import SimpleCollateralized
from PSSimPy.queues import FIFOQueue
from PSSimPy.simulator import BasicSim

folder = sys.argv[1]
window = int(sys.argv[2])
started = time.perf_counter()
accounts = pd.read_csv(f"{folder}/accounts.csv")
payments = pd.read_csv(f"{folder}/payments.csv")
sim = BasicSim(
    name="pssimpy",
    banks=pd.DataFrame({"name": accounts["bic"]}),
    accounts=pd.DataFrame(
        {"id": accounts["bic"], "owner": accounts["bic"], "balance": accounts["balance"]}
    ),
    transactions=pd.DataFrame(
        {
            "sender_account": payments["debtor"],
            "recipient_account": payments["creditor"],
            "amount": payments["amount"],
            "time": payments["time"],
            "row": payments.index,
        }
    ),
    processing_window=window,
    # Given here: what these arguments are by default is one object for all runs of a process.
    queue=FIFOQueue(),
    credit_facility=SimpleCollateralized(),
)
sim.run()
seconds = time.perf_counter() - started


def minute(text):
    """HH:MM as minutes since midnight; -1: it has not settled."""
    return -1 if text is None else int(text[:2]) * 60 + int(text[3:])


transactions = sorted((transaction for transaction, _, _ in sim.transactions), key=lambda one: one.row)
settled = [one for one in transactions if one.settle_time is not None]
json.dump(
    {
        "seconds": seconds,
        "settled": len(settled),
        "value": sum(one.amount for one in settled),
        "settledAt": [minute(one.settle_time) for one in transactions],
    },
    sys.stdout,
)
