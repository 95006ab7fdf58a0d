-- Rules of jobs and runs that the models cannot say.
ALTER TABLE runs ADD FOREIGN KEY (source) REFERENCES sources;
CREATE UNIQUE INDEX jobs_one_at_a_time ON jobs (kind, key) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_ended ON jobs (finished_at) WHERE state IN ('done', 'failed');
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (source) WHERE state = 'running';

-- An address may be longer than an index takes. What is compressed is not compressed again.
CREATE INDEX pages_url ON pages (source, md5(url), id);
ALTER TABLE pages ALTER body SET STORAGE EXTERNAL;
CREATE INDEX runs_suspicious ON runs (source) WHERE state = 'suspicious';
CREATE INDEX job_requests_job ON job_requests (job_id);
