BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE audit (
	number INTEGER NOT NULL, 
	case_id TEXT NOT NULL, 
	what TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,'34d7241b046644939e079efc62c104e1','created','Dr A','2026-11-26T17:32:23.399349+00:00','{"priority": "routine"}','','4ea6bd5134c37042b02b056df794e44a5b85896ba882faf9a8760a9593a71382');
INSERT INTO "audit" VALUES(2,'34d7241b046644939e079efc62c104e1','opened','Dr A','2026-11-26T17:32:23.424943+00:00','{}','4ea6bd5134c37042b02b056df794e44a5b85896ba882faf9a8760a9593a71382','e23c491c249a3e6613a114c3b8f0c02a5ab2449dc13103559eff050f4b979c9b');
INSERT INTO "audit" VALUES(3,'34d7241b046644939e079efc62c104e1','recorded','','2026-11-26T17:32:23.445004+00:00','{"recording": "recording 0001"}','e23c491c249a3e6613a114c3b8f0c02a5ab2449dc13103559eff050f4b979c9b','5edab4247dc2217de9aa872d86162b5c931515be5e54424832e44700bb57b7da');
INSERT INTO "audit" VALUES(4,'34d7241b046644939e079efc62c104e1','order received','','2026-11-26T17:32:23.456639+00:00','{"status": "active"}','5edab4247dc2217de9aa872d86162b5c931515be5e54424832e44700bb57b7da','afc4cce25ec3bb7c12eedff2e520e4557b4413b3e55518d9ee5b5f12d484b406');
INSERT INTO "audit" VALUES(5,'34d7241b046644939e079efc62c104e1','signed','Dr A','2026-11-26T17:32:23.481302+00:00','{"number": 1, "role": "attending", "sha256": "81fb19d1fd257b0ba707494bf0f47c0354f972cac729888f1039056175ece496", "state": "preliminary"}','afc4cce25ec3bb7c12eedff2e520e4557b4413b3e55518d9ee5b5f12d484b406','90cfcdde1256b6a67f3633c84645ad2f9940a2c2c88565c5899ab28830d36941');
INSERT INTO "audit" VALUES(6,'34d7241b046644939e079efc62c104e1','signed','Dr A','2026-11-26T17:32:23.497055+00:00','{"number": 2, "role": "attending", "sha256": "ad1aa0fdf4ac14478683ad4cc77cc540100851e857c391cd8f5f853e4999f3d4", "state": "final"}','90cfcdde1256b6a67f3633c84645ad2f9940a2c2c88565c5899ab28830d36941','9aec351f2a40f79cfff2905bda14db87356da322687ab59d6a94e1d5fc1ede58');
INSERT INTO "audit" VALUES(7,'34d7241b046644939e079efc62c104e1','sent','Dr A','2026-11-26T17:32:23.504359+00:00','{"number": 2}','9aec351f2a40f79cfff2905bda14db87356da322687ab59d6a94e1d5fc1ede58','42cfc5881bc6aed8a0db59d1de87a7caf26dce14f09143c85e6788c40bb05319');
INSERT INTO "audit" VALUES(8,'34d7241b046644939e079efc62c104e1','closed','Dr A','2026-11-26T17:32:23.513118+00:00','{}','42cfc5881bc6aed8a0db59d1de87a7caf26dce14f09143c85e6788c40bb05319','8f66b40f9d0a72ece84a8718c168d57a2269cc43a53d0869b689d3cb6fb8aa5f');
INSERT INTO "audit" VALUES(9,'bfb1e030882a4e5eba534aec00b5febd','created','Dr A','2026-11-26T17:32:23.524090+00:00','{"priority": "routine"}','8f66b40f9d0a72ece84a8718c168d57a2269cc43a53d0869b689d3cb6fb8aa5f','4a4ec2733844c5793435929b93aeb7c8e6ee046aa69d3c055e932d9a051c36a6');
INSERT INTO "audit" VALUES(10,'bfb1e030882a4e5eba534aec00b5febd','opened','Dr A','2026-11-26T17:32:23.537711+00:00','{}','4a4ec2733844c5793435929b93aeb7c8e6ee046aa69d3c055e932d9a051c36a6','a338b18222ced6cf4c818b61985e8eb7c5c5e67f1730c606959e0f14ffc63f5e');
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	entries INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit_head" VALUES(1,10,'a338b18222ced6cf4c818b61985e8eb7c5c5e67f1730c606959e0f14ffc63f5e');
CREATE TABLE cases (
	id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	order_status TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	lock_page TEXT NOT NULL, 
	lock_name TEXT NOT NULL, 
	lock_at TEXT NOT NULL, 
	sent_at TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	changed_at TEXT NOT NULL, 
	urgency INTEGER NOT NULL, 
	priority TEXT NOT NULL, 
	is_critical BOOLEAN NOT NULL, 
	is_communicated BOOLEAN NOT NULL, 
	is_dictated BOOLEAN NOT NULL, 
	name TEXT NOT NULL, 
	patient_id TEXT NOT NULL, 
	accession TEXT NOT NULL, 
	procedure TEXT NOT NULL, 
	modality TEXT NOT NULL, 
	body_part TEXT NOT NULL, 
	search TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "cases" VALUES('34d7241b046644939e079efc62c104e1','final','',4,'','','','2026-11-26T17:32:23.503220+00:00','2026-11-26T17:32:23.383716+00:00','2026-11-26T17:32:23.503220+00:00',0,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1');
INSERT INTO "cases" VALUES('bfb1e030882a4e5eba534aec00b5febd','draft','',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Dr A','2026-11-26T17:32:23.537401+00:00','','2026-11-26T17:32:23.523226+00:00','2026-11-26T17:32:23.523226+00:00',2,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1');
CREATE TABLE drafts (
	case_id TEXT NOT NULL, 
	content TEXT NOT NULL, 
	given TEXT NOT NULL, 
	orders TEXT NOT NULL, 
	images TEXT NOT NULL, 
	PRIMARY KEY (case_id), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
INSERT INTO "drafts" VALUES('34d7241b046644939e079efc62c104e1','{"schema_version":1,"id":"34d7241b046644939e079efc62c104e1","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Lungs clear. Größe 5 mm.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"accepted":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"communications":[],"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":""}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]');
INSERT INTO "drafts" VALUES('bfb1e030882a4e5eba534aec00b5febd','{"schema_version":1,"id":"bfb1e030882a4e5eba534aec00b5febd","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Heart normal.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"accepted":[],"decisions":[],"communications":[],"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":""}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]');
CREATE TABLE holds (
	case_id TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (case_id), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE inbox (
	file TEXT NOT NULL, 
	stamp TEXT NOT NULL, 
	PRIMARY KEY (file)
);
INSERT INTO "inbox" VALUES('0000000000000000000000000000000000000000000000000000000000000001','1 2');
CREATE TABLE orders (
	accession TEXT NOT NULL, 
	case_id TEXT NOT NULL, 
	content TEXT NOT NULL, 
	status TEXT NOT NULL, 
	priority TEXT NOT NULL, 
	received_at TEXT NOT NULL, 
	PRIMARY KEY (accession), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
INSERT INTO "orders" VALUES('A0001','34d7241b046644939e079efc62c104e1','{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}','active','stat','2026-11-26T17:32:23.442426+00:00');
CREATE TABLE recordings (
	take TEXT NOT NULL, 
	recording TEXT NOT NULL, 
	case_id TEXT NOT NULL, 
	file TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	duration_s FLOAT NOT NULL, 
	sha256 TEXT NOT NULL, 
	flac TEXT NOT NULL, purged_at TEXT DEFAULT '' NOT NULL, purged_bytes BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (take), 
	UNIQUE (recording), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
INSERT INTO "recordings" VALUES('take 0001','recording 0001','34d7241b046644939e079efc62c104e1','0001.capture','2026-11-26T17:32:23.442426+00:00',0.0,'','','',0);
CREATE TABLE studies (
	case_id TEXT NOT NULL, 
	study_uid TEXT NOT NULL, 
	accession TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	received_at TEXT NOT NULL, 
	PRIMARY KEY (case_id, study_uid), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
INSERT INTO "studies" VALUES('34d7241b046644939e079efc62c104e1','1.2.3','A0001','{}','2026-11-26T17:32:23.442426+00:00');
CREATE TABLE versions (
	case_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	author TEXT NOT NULL, 
	role TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at TEXT NOT NULL, 
	content TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	PRIMARY KEY (case_id, number), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
INSERT INTO "versions" VALUES('34d7241b046644939e079efc62c104e1',1,'preliminary','Dr A','attending','','2026-03-01T09:30:00.000000+00:00','{"schema_version":1,"number":1,"state":"preliminary","author":"Dr A","role":"attending","at":"2026-03-01T09:30:00Z","reason":"","text":"Lungs preliminary.","case":{"schema_version":1,"id":"34d7241b046644939e079efc62c104e1","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"recordings":[],"studies":[],"facts":null,"dictation":{"sentences":[],"transcripts":[],"commands":[],"retracted":[]},"report":{"exam":[],"indication":[],"technique":[],"comparison":[],"findings":[{"id":"r1","text":"Lungs preliminary.","section":"findings","organ":null,"evidence":[],"origin":"typed","kept":"","accepted_by":""}],"impression":[]},"readings":[],"discrepancies":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"engines":{},"warnings":[],"state":"preliminary"},"overrides":[],"settings":{},"recordings":{},"edits":[],"communications":[],"changes":[]}','81fb19d1fd257b0ba707494bf0f47c0354f972cac729888f1039056175ece496');
INSERT INTO "versions" VALUES('34d7241b046644939e079efc62c104e1',2,'final','Dr A','attending','','2026-03-01T09:30:00.000000+00:00','{"schema_version":1,"number":2,"state":"final","author":"Dr A","role":"attending","at":"2026-03-01T09:30:00Z","reason":"","text":"Lungs final.","case":{"schema_version":1,"id":"34d7241b046644939e079efc62c104e1","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"recordings":[],"studies":[],"facts":null,"dictation":{"sentences":[],"transcripts":[],"commands":[],"retracted":[]},"report":{"exam":[],"indication":[],"technique":[],"comparison":[],"findings":[{"id":"r1","text":"Lungs final.","section":"findings","organ":null,"evidence":[],"origin":"typed","kept":"","accepted_by":""}],"impression":[]},"readings":[],"discrepancies":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"engines":{},"warnings":[],"state":"final"},"overrides":[],"settings":{},"recordings":{},"edits":[],"communications":[],"changes":[]}','ad1aa0fdf4ac14478683ad4cc77cc540100851e857c391cd8f5f853e4999f3d4');
CREATE INDEX ix_audit_case_id ON audit (case_id);
CREATE INDEX cases_by_accession ON cases (accession);
CREATE INDEX cases_in_order ON cases (urgency, created_at, id, state, search);
CREATE INDEX ix_orders_case_id ON orders (case_id);
CREATE INDEX ix_recordings_case_id ON recordings (case_id);
CREATE INDEX studies_by_uid ON studies (study_uid);
COMMIT;
