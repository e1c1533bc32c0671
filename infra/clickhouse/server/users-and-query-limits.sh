#!/bin/sh
# Creates the two users of the analysis store when the server starts with an empty data folder (the
# image runs what lies in /docker-entrypoint-initdb.d). Passwords come from files, never from here.
#   corridor_writer     the metrics service: creates the schema, inserts, reconciles
#   corridor_dashboard  Grafana: reads, within limits, and can change nothing
set -eu
secrets=${CORRIDOR_SECRETS:-/secrets}
writer=$(cat "$secrets/clickhouse-writer/password")
dashboard=$(cat "$secrets/clickhouse-dashboard/password")

clickhouse client --multiquery <<SQL
CREATE DATABASE IF NOT EXISTS corridor;

CREATE SETTINGS PROFILE IF NOT EXISTS corridor_dashboard SETTINGS
    readonly = 1,
    -- The data source's client sets it with each query, to its own limit and five seconds (0: none).
    max_execution_time = 30 MIN 1 MAX 90 CHANGEABLE_IN_READONLY,
    max_memory_usage = 2000000000,
    max_rows_to_read = 2000000000,
    max_result_rows = 1000000,
    max_concurrent_queries_for_user = 20,
    -- What the corridor command sends with each query (reconcile, export): how an answer is written, which
    -- replica may give it, and one that only an insertion heeds. None gives a right.
    output_format_json_quote_64bit_integers CHANGEABLE_IN_READONLY,
    select_sequential_consistency CHANGEABLE_IN_READONLY,
    deduplicate_blocks_in_dependent_materialized_views CHANGEABLE_IN_READONLY;

CREATE USER IF NOT EXISTS corridor_writer IDENTIFIED WITH sha256_password BY '$writer' DEFAULT DATABASE corridor;
GRANT SELECT, INSERT, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE ON corridor.* TO corridor_writer;

CREATE USER IF NOT EXISTS corridor_dashboard IDENTIFIED WITH sha256_password BY '$dashboard'
    DEFAULT DATABASE corridor SETTINGS PROFILE 'corridor_dashboard';
GRANT SELECT ON corridor.* TO corridor_dashboard;
SQL
