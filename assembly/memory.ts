// Linear memory, one layout for the instance's life:
//
//   0 .. __heap_base      constants and static scratch (memory.data, placed by the compiler)
//   __heap_base ..        tables, reserved once at start by `reserve`, in the order of the calls
//
// Nothing is ever freed and nothing is allocated on a hot path. An instance either verifies or
// settles, so only the tables of its own work are reserved. Pages that are never touched cost
// address space and no memory.

const PAGE_BYTES: u64 = 65536;

let top: u64 = 0;

/**
 * Reserves zeroed memory and returns its address, or 0 where the memory cannot grow so far
 * (the limit is 4 GiB).
 */
export function reserve(bytes: u64, alignment: u64 = 16): usize {
  if (top == 0) top = <u64>__heap_base;
  const start = (top + alignment - 1) & ~(alignment - 1);
  const end = start + bytes;
  const have = <u64>memory.size() * PAGE_BYTES;
  if (end > have) {
    const pages = (end - have + PAGE_BYTES - 1) / PAGE_BYTES;
    if (pages > 65535 || memory.grow(<i32>pages) < 0) return 0;
  }
  top = end;
  return <usize>start;
}
