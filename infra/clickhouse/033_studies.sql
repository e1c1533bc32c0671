-- Studies and stress tests (corridor sweep, corridor stress), as corridor publish copies them: what their tables say, a
-- row for each figure of a cell.
CREATE TABLE IF NOT EXISTS studies
(
    run LowCardinality(String) COMMENT 'Name of the study here: its name and the begin of its digest',
    kind LowCardinality(String) COMMENT 'study, or stress: a stress test',
    name String COMMENT 'Name of the study',
    description String COMMENT 'What the study asks',
    scenario String COMMENT 'File of the scenario, as the command named it',
    version LowCardinality(String) COMMENT 'Version of the program',
    digest String COMMENT 'SHA-256 over all that its cells come from, hex',
    results String COMMENT 'SHA-256 over its rows in study_cells and study_figures, hex',
    cells UInt32 COMMENT 'How many cells it has',
    failed UInt32 COMMENT 'Those without figures',
    repeats LowCardinality(String) COMMENT 'What the cells of one variant differ by: seed or date',
    reference_currency LowCardinality(String) COMMENT 'Of a stress test the currency in which values of several are given too; empty: none',
    decimals Map(String, UInt8) COMMENT 'Decimals of each currency and security'
)
ENGINE = MergeTree
ORDER BY run
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS study_cells
(
    run LowCardinality(String) COMMENT 'Name of the study here',
    cell UInt32 COMMENT 'Number of the cell, from 1',
    variant LowCardinality(String) COMMENT 'What the cell has of each thing that is varied, by comma; of a stress test bank, hour and reaction',
    settings Map(LowCardinality(String), String) COMMENT 'The same by name of what is varied',
    repeat LowCardinality(String) COMMENT 'Its seed, or its imported date',
    error String COMMENT 'Why the cell has no figures; empty: it has'
)
ENGINE = MergeTree
ORDER BY (run, cell)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS study_figures
(
    run LowCardinality(String) COMMENT 'Name of the study here',
    cell UInt32 COMMENT 'Number of the cell',
    of_table LowCardinality(String) COMMENT 'Table of the study that has the figure: cells, banks or corridors; of a stress test stress or losses',
    kind LowCardinality(String) COMMENT 'Of a corridor: its kind',
    participant LowCardinality(String) COMMENT 'BIC of the account''s bank; empty: the figure is of the cell or of a corridor',
    currency LowCardinality(String) COMMENT 'Currency of the account, or that the corridor debits; empty: the figure is of the cell',
    currency2 LowCardinality(String) COMMENT 'Currency that the corridor credits',
    figure LowCardinality(String) COMMENT 'Name of the figure: its column in the table of the study',
    value Nullable(Float64) COMMENT 'The figure as a number, money in minor units; empty: it is a text',
    exact String COMMENT 'The figure as the table of the study has it'
)
ENGINE = MergeTree
ORDER BY (run, of_table, figure, cell, participant, currency)
SETTINGS non_replicated_deduplication_window = 10000;
