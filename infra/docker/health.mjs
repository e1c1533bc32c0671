// A container's health check: node infra/docker/health.mjs PORT asks /readyz on the loopback address.
const response = await fetch(`http://127.0.0.1:${process.argv[2]}/readyz`).catch(() => null);
if (!response?.ok) process.exit(1);
