/** Stand-in for `k6/data`: like there, elements are copies that do not change. */
export class SharedArray<T> extends Array<T> {
  constructor(_name: string, read: () => T[]) {
    super();
    for (const element of read()) this.push(element);
    Object.freeze(this);
  }
}
