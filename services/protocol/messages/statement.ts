/** What tells a bank of its account: the state of now, a business day that has closed, what is booked. */
export const ACCOUNT_REPORT = 'camt.052.001.08';
export const STATEMENT = 'camt.053.001.08';
export const NOTIFICATION = 'camt.054.001.08';
