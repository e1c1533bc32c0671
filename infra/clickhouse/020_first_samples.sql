-- When an instance began: the last sample of its first minute may be a minute later, after the end of
-- one that it began beside. Of minutes of before the first sample is not known, so it is their last.
ALTER TABLE service_minutes
    ADD COLUMN IF NOT EXISTS first_sample SimpleAggregateFunction(min, DateTime64(3, 'UTC')) DEFAULT last_sample
        COMMENT 'Time of the first sample in the minute; of a minute before the column was there, of its last';

DROP VIEW IF EXISTS service_minutes_view;

CREATE MATERIALIZED VIEW IF NOT EXISTS service_minutes_view TO service_minutes AS
SELECT
    run,
    service,
    instance,
    reader,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    min(time) AS first_sample,
    max(time) AS last_sample,
    argMaxState(is_ready, time) AS last_ready,
    argMaxState(service_samples.lag_records, time) AS last_lag_records,
    argMaxState(service_samples.lag_ms, time) AS last_lag_ms,
    argMaxState(toString(fault), time) AS last_fault,
    max(service_samples.lag_records) AS lag_records_max,
    max(service_samples.lag_ms) AS lag_ms_max,
    sum(service_samples.records) AS records
FROM service_samples
GROUP BY run, service, instance, reader, minute;
