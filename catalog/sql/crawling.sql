-- Rules of jobs and runs that the models cannot say.
ALTER TABLE runs ADD FOREIGN KEY (source) REFERENCES sources;
CREATE UNIQUE INDEX jobs_one_at_a_time ON jobs (kind, key) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_ended ON jobs (finished_at) WHERE state IN ('done', 'failed');
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (source) WHERE state = 'running';
