BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
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
INSERT INTO "audit" VALUES(11,'596a7eb9c4234e408d47372ff8e8d3fb','created','Dr A','2026-11-26T18:15:29.284300+00:00','{"priority": "routine"}','a338b18222ced6cf4c818b61985e8eb7c5c5e67f1730c606959e0f14ffc63f5e','ec28b30a0a779b73582534bb6a2f6a2d25d679fe70cb4460dd07cf3f9b2d8bfc');
INSERT INTO "audit" VALUES(12,'596a7eb9c4234e408d47372ff8e8d3fb','opened','Dr A','2026-11-26T18:15:29.300856+00:00','{}','ec28b30a0a779b73582534bb6a2f6a2d25d679fe70cb4460dd07cf3f9b2d8bfc','7e6c4e422909e4766f651e6c2fbb6c85a4ea9ac6453c6840fd19e5c11f9d79ab');
INSERT INTO "audit" VALUES(13,'596a7eb9c4234e408d47372ff8e8d3fb','recorded','','2026-11-26T18:15:29.309001+00:00','{"recording": "recording 0003"}','7e6c4e422909e4766f651e6c2fbb6c85a4ea9ac6453c6840fd19e5c11f9d79ab','e6ddd88a5f9828e9963bacfe4320da1615ba91cde5c88912d8d40a78160c326d');
INSERT INTO "audit" VALUES(14,'596a7eb9c4234e408d47372ff8e8d3fb','order received','','2026-11-26T18:15:29.319817+00:00','{"status": "active"}','e6ddd88a5f9828e9963bacfe4320da1615ba91cde5c88912d8d40a78160c326d','b8e1cde41266ab698c7c14a9b53b71e76f4b48b314ee25a3d7ff1c869369416c');
INSERT INTO "audit" VALUES(15,'596a7eb9c4234e408d47372ff8e8d3fb','signed','Dr A','2026-11-26T18:15:29.331859+00:00','{"number": 1, "role": "attending", "sha256": "02a7c3a3a1a204d5bb7dc7149aaba888c7ad161288bebc9abba624afa016562a", "state": "preliminary"}','b8e1cde41266ab698c7c14a9b53b71e76f4b48b314ee25a3d7ff1c869369416c','d97fe00c71503320c35d82b19b94646b861c1912e0c1d92b61a55a8a9356ec95');
INSERT INTO "audit" VALUES(16,'596a7eb9c4234e408d47372ff8e8d3fb','signed','Dr A','2026-11-26T18:15:29.353154+00:00','{"number": 2, "role": "attending", "sha256": "5318da8bbdfa0e61c5adfcedb2ee261354ded6c097d5e8d8b1635ba1d7ededa8", "state": "final"}','d97fe00c71503320c35d82b19b94646b861c1912e0c1d92b61a55a8a9356ec95','84b8246bfaf6e066cd31660a72ce3708be24d07b361bee59f14388a0fbfcdce7');
INSERT INTO "audit" VALUES(17,'596a7eb9c4234e408d47372ff8e8d3fb','sent','Dr A','2026-11-26T18:15:29.415530+00:00','{"number": 2}','84b8246bfaf6e066cd31660a72ce3708be24d07b361bee59f14388a0fbfcdce7','b8d00dedf6c5575803dbf57a4d96c7164ffe3b0d7a48062b93b2df6eec60c465');
INSERT INTO "audit" VALUES(18,'596a7eb9c4234e408d47372ff8e8d3fb','closed','Dr A','2026-11-26T18:15:29.464359+00:00','{}','b8d00dedf6c5575803dbf57a4d96c7164ffe3b0d7a48062b93b2df6eec60c465','e006a71e109a6b3ed26ae9f7c58efdd44e2cb9a50962bd088f7ad7d482bcde8d');
INSERT INTO "audit" VALUES(19,'95ea2ae6a33e4014a659f94b47318cad','created','Dr A','2026-11-26T18:15:29.492532+00:00','{"priority": "routine"}','e006a71e109a6b3ed26ae9f7c58efdd44e2cb9a50962bd088f7ad7d482bcde8d','d10567634fa09ab14a56060f12c718f61660883cc55b64d8971868c43e593332');
INSERT INTO "audit" VALUES(20,'95ea2ae6a33e4014a659f94b47318cad','opened','Dr A','2026-11-26T18:15:29.508076+00:00','{}','d10567634fa09ab14a56060f12c718f61660883cc55b64d8971868c43e593332','8aaa56e418e0af709aa3b6b9609505c686ce359054bd829f8bf149e4417212e7');
INSERT INTO "audit" VALUES(21,'349ced9a5be348ad9f80ac5ffbcf7168','created','Dr A','2026-11-30T05:27:10.370188+00:00','{"draft": "abf2ef23eea766502e796e3269174464051a0dffc04b8fbb7e1a09540b334e61", "priority": "routine"}','8aaa56e418e0af709aa3b6b9609505c686ce359054bd829f8bf149e4417212e7','98c1e8b8f07c058dbe26fca003368fd9dd5c7247bde49c6094dfa4980b81e3d3');
INSERT INTO "audit" VALUES(22,'349ced9a5be348ad9f80ac5ffbcf7168','opened','Dr A','2026-11-30T05:27:10.481051+00:00','{}','98c1e8b8f07c058dbe26fca003368fd9dd5c7247bde49c6094dfa4980b81e3d3','96172a150543b04d7320dc451e03c84f3dd810e8d4ea5b8d1ad2d9d247537a27');
INSERT INTO "audit" VALUES(23,'349ced9a5be348ad9f80ac5ffbcf7168','recorded','','2026-11-30T05:27:10.517848+00:00','{"recording": "recording 0004"}','96172a150543b04d7320dc451e03c84f3dd810e8d4ea5b8d1ad2d9d247537a27','8d255079f47a4a216855874bf7baa30e136415efd678fecebe7ebcd40badc6c3');
INSERT INTO "audit" VALUES(24,'349ced9a5be348ad9f80ac5ffbcf7168','order received','','2026-11-30T05:27:10.558225+00:00','{"status": "active"}','8d255079f47a4a216855874bf7baa30e136415efd678fecebe7ebcd40badc6c3','6522b743501d91a6318e155299e8296e52244e121c708cbc69296137cc81c62c');
INSERT INTO "audit" VALUES(25,'349ced9a5be348ad9f80ac5ffbcf7168','signed','Dr A','2026-11-30T05:27:10.626982+00:00','{"draft": "137906019672f8cd8c1eeb9bcdcd2cc6701bf270a668d4fe70332f85912e0719", "number": 1, "role": "attending", "sha256": "61047ccd4483256ec489bf3a4a39ac6a4f10992e198c17e3a2be0b3369943cbd", "state": "preliminary"}','6522b743501d91a6318e155299e8296e52244e121c708cbc69296137cc81c62c','656cad436b437b43c9b10cd3f29bd2fa0a182da58d3a30dd54b069c8b4a0b9fb');
INSERT INTO "audit" VALUES(26,'349ced9a5be348ad9f80ac5ffbcf7168','signed','Dr A','2026-11-30T05:27:10.688896+00:00','{"draft": "f77ce582a6413cb6875973145ca4c8dbb8a670cb0d9bb94d67091cb464d60df5", "number": 2, "role": "attending", "sha256": "f9b0e30104ef5faa5cad7af192b092f51460bc9ae6549399ddfa64867ae02215", "state": "final"}','656cad436b437b43c9b10cd3f29bd2fa0a182da58d3a30dd54b069c8b4a0b9fb','bcadb0ba681953c7b458b759caa2f0247f2fe988e729afffc815dc3aebf9ad2f');
INSERT INTO "audit" VALUES(27,'349ced9a5be348ad9f80ac5ffbcf7168','sent','Dr A','2026-11-30T05:27:10.742567+00:00','{"number": 2}','bcadb0ba681953c7b458b759caa2f0247f2fe988e729afffc815dc3aebf9ad2f','46161f4a9bc095c110acdd55f192c9b4c8bb86f1601177405adf6f83808b4169');
INSERT INTO "audit" VALUES(28,'349ced9a5be348ad9f80ac5ffbcf7168','closed','Dr A','2026-11-30T05:27:10.796735+00:00','{"draft": "f77ce582a6413cb6875973145ca4c8dbb8a670cb0d9bb94d67091cb464d60df5"}','46161f4a9bc095c110acdd55f192c9b4c8bb86f1601177405adf6f83808b4169','16de86e7f10505308b8aa1527afea67010eedde402a1600d9fdefc43dd26e27b');
INSERT INTO "audit" VALUES(29,'14b3a295067d4055adecc5159bd57f6a','created','Dr A','2026-11-30T05:27:10.839983+00:00','{"draft": "28890173bc0879c6b1046ba9f3033970eb31e8b0708606083d3329e96db6e507", "priority": "routine"}','16de86e7f10505308b8aa1527afea67010eedde402a1600d9fdefc43dd26e27b','6d4aa06b5bef3fdb8ae5fcfba639b8742651f6d955daa545e62821f38e1a0773');
INSERT INTO "audit" VALUES(30,'14b3a295067d4055adecc5159bd57f6a','opened','Dr A','2026-11-30T05:27:10.891223+00:00','{}','6d4aa06b5bef3fdb8ae5fcfba639b8742651f6d955daa545e62821f38e1a0773','9c23754805a8320b03f76cc115d12c2baa113e551889b959b95f4b653a08ce8d');
INSERT INTO "audit" VALUES(31,'77a1188a9df941d192fa841f60f08996','created','Dr A','2026-12-01T16:09:39.207452+00:00','{"draft": "9783d9285baf4d24ddc183b4551788ceede1980bf54d896a0c6ee66dc1a59558", "priority": "routine"}','9c23754805a8320b03f76cc115d12c2baa113e551889b959b95f4b653a08ce8d','06222ab36438c23f82cebfb2fe0da0a6036a7b44be9b36a16c280f92bf9348c6');
INSERT INTO "audit" VALUES(32,'77a1188a9df941d192fa841f60f08996','opened','Dr A','2026-12-01T16:09:39.212246+00:00','{}','06222ab36438c23f82cebfb2fe0da0a6036a7b44be9b36a16c280f92bf9348c6','e3b4550a19abf826c2d35819f9b20f9b30dd28c1ff1f4e2793e1e009b302d5b8');
INSERT INTO "audit" VALUES(33,'77a1188a9df941d192fa841f60f08996','recorded','','2026-12-01T16:09:39.215133+00:00','{"recording": "recording 0005"}','e3b4550a19abf826c2d35819f9b20f9b30dd28c1ff1f4e2793e1e009b302d5b8','7f0d7e6cb7fb072b97512118df4d323efd6fe62adeeb1ce48b9ddd2159ae0edb');
INSERT INTO "audit" VALUES(34,'77a1188a9df941d192fa841f60f08996','order received','','2026-12-01T16:09:39.218061+00:00','{"status": "active"}','7f0d7e6cb7fb072b97512118df4d323efd6fe62adeeb1ce48b9ddd2159ae0edb','baeb1a807d4cc5a298edd4217eace5f678ebbb3c8ed294b9761630ccab3d4ad9');
INSERT INTO "audit" VALUES(35,'77a1188a9df941d192fa841f60f08996','signed','Dr A','2026-12-01T16:09:39.223213+00:00','{"draft": "012bfafb6183989790ef9c350913cc896f883d604bb633a25a06e333808f51d2", "number": 1, "role": "attending", "sha256": "8572dc110ae2d26955cd79901e0f5c09012e19df78d89f867e2d9d1278cd6569", "state": "preliminary"}','baeb1a807d4cc5a298edd4217eace5f678ebbb3c8ed294b9761630ccab3d4ad9','67234f68d06e4a60f76ec159fdf550ea8acf79b458b88843cf280eb6c714c79e');
INSERT INTO "audit" VALUES(36,'77a1188a9df941d192fa841f60f08996','signed','Dr A','2026-12-01T16:09:39.229000+00:00','{"draft": "aa1d44e88679be42577af782f6e28dd12928b1bf3fd3905a2789cf0d05b12c46", "number": 2, "role": "attending", "sha256": "ae76fd74379c1a3d388db5a5d2faabf1a7933d0f2f2a13a21d3a97139ca2044f", "state": "final"}','67234f68d06e4a60f76ec159fdf550ea8acf79b458b88843cf280eb6c714c79e','9b65d5ade31c7f10c64f589a8ddbdc8acf4a2cb8f593651ba61637ed28d31bda');
INSERT INTO "audit" VALUES(37,'77a1188a9df941d192fa841f60f08996','sent','Dr A','2026-12-01T16:09:39.231401+00:00','{"number": 2}','9b65d5ade31c7f10c64f589a8ddbdc8acf4a2cb8f593651ba61637ed28d31bda','b2848a1d56345e12b9d74bf38d7b579ff3dfd181fda4908faa64a838e08f09d2');
INSERT INTO "audit" VALUES(38,'77a1188a9df941d192fa841f60f08996','closed','Dr A','2026-12-01T16:09:39.233119+00:00','{"draft": "aa1d44e88679be42577af782f6e28dd12928b1bf3fd3905a2789cf0d05b12c46"}','b2848a1d56345e12b9d74bf38d7b579ff3dfd181fda4908faa64a838e08f09d2','d14e9e593e888d8d89bdd629075a8c5451f477263eb0eb37bc716d4cbafc97a5');
INSERT INTO "audit" VALUES(39,'9cc0012845cf4b1a94d8bda741f7dcdc','created','Dr A','2026-12-01T16:09:39.235282+00:00','{"draft": "a3071fa544ab07248de2ca5252da979b32adf8c19137a7145d7db61b6abacb5d", "priority": "routine"}','d14e9e593e888d8d89bdd629075a8c5451f477263eb0eb37bc716d4cbafc97a5','ec1fa935029447617a150bd1f6e918fde494eb977969bd33795a66fbc41dc0fb');
INSERT INTO "audit" VALUES(40,'9cc0012845cf4b1a94d8bda741f7dcdc','opened','Dr A','2026-12-01T16:09:39.237206+00:00','{}','ec1fa935029447617a150bd1f6e918fde494eb977969bd33795a66fbc41dc0fb','f3cbba24d3949dc695bb06f41b9e5e846c26ccb3c10cd6ecebba3a7c77f35e97');
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	entries INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit_head" VALUES(1,40,'f3cbba24d3949dc695bb06f41b9e5e846c26ccb3c10cd6ecebba3a7c77f35e97');
CREATE TABLE case_readers (
	case_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (case_id, name), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
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
	search TEXT NOT NULL, owner TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "cases" VALUES('34d7241b046644939e079efc62c104e1','final','',4,'','','','2026-11-26T17:32:23.503220+00:00','2026-11-26T17:32:23.383716+00:00','2026-11-26T17:32:23.503220+00:00',0,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1','');
INSERT INTO "cases" VALUES('bfb1e030882a4e5eba534aec00b5febd','draft','',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Dr A','2026-11-26T17:32:23.537401+00:00','','2026-11-26T17:32:23.523226+00:00','2026-11-26T17:32:23.523226+00:00',2,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1','');
INSERT INTO "cases" VALUES('596a7eb9c4234e408d47372ff8e8d3fb','final','',4,'','','','2026-11-26T18:15:29.414134+00:00','2026-11-26T18:15:29.273002+00:00','2026-11-26T18:15:29.414134+00:00',0,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1','');
INSERT INTO "cases" VALUES('95ea2ae6a33e4014a659f94b47318cad','draft','',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Dr A','2026-11-26T18:15:29.507800+00:00','','2026-11-26T18:15:29.491678+00:00','2026-11-26T18:15:29.491678+00:00',2,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1','');
INSERT INTO "cases" VALUES('349ced9a5be348ad9f80ac5ffbcf7168','final','',4,'','','','2026-11-30T05:27:10.741403+00:00','2026-11-30T05:27:10.339154+00:00','2026-11-30T05:27:10.741403+00:00',0,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1','');
INSERT INTO "cases" VALUES('14b3a295067d4055adecc5159bd57f6a','draft','',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Dr A','2026-11-30T05:27:10.890610+00:00','','2026-11-30T05:27:10.826916+00:00','2026-11-30T05:27:10.826916+00:00',2,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1','');
INSERT INTO "cases" VALUES('77a1188a9df941d192fa841f60f08996','final','',4,'','','','2026-12-01T16:09:39.230565+00:00','2026-12-01T16:09:39.204933+00:00','2026-12-01T16:09:39.230565+00:00',0,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1','');
INSERT INTO "cases" VALUES('9cc0012845cf4b1a94d8bda741f7dcdc','draft','',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Dr A','2026-12-01T16:09:39.236972+00:00','','2026-12-01T16:09:39.234490+00:00','2026-12-01T16:09:39.234490+00:00',2,'routine',0,0,1,'DOE^Jane','P1','A1','Chest radiograph','CR','','a1 chest radiograph cr doe jane p1','');
CREATE TABLE drafts (
	case_id TEXT NOT NULL, 
	content TEXT NOT NULL, 
	given TEXT NOT NULL, 
	orders TEXT NOT NULL, 
	images TEXT NOT NULL, sha256 TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (case_id), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
INSERT INTO "drafts" VALUES('34d7241b046644939e079efc62c104e1','{"schema_version":1,"id":"34d7241b046644939e079efc62c104e1","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Lungs clear. Größe 5 mm.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"accepted":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"communications":[],"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":""}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]','62dfaf8f3c741bec3ea3c70d15da6fd49a510a75d45c8ab5cc83eb2ed764fc96');
INSERT INTO "drafts" VALUES('bfb1e030882a4e5eba534aec00b5febd','{"schema_version":1,"id":"bfb1e030882a4e5eba534aec00b5febd","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Heart normal.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"accepted":[],"decisions":[],"communications":[],"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":""}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]','98a595abe445909672e6ea7b3f980ae77fe613eab49a69ffea760575e25586a6');
INSERT INTO "drafts" VALUES('596a7eb9c4234e408d47372ff8e8d3fb','{"schema_version":1,"id":"596a7eb9c4234e408d47372ff8e8d3fb","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Lungs clear. Größe 5 mm.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"accepted":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"communications":[],"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":""}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]','ab464faa2871732492ca6184544fc0f14c5a839dca19a5326bfbf3722043f5a6');
INSERT INTO "drafts" VALUES('95ea2ae6a33e4014a659f94b47318cad','{"schema_version":1,"id":"95ea2ae6a33e4014a659f94b47318cad","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Heart normal.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"accepted":[],"decisions":[],"communications":[],"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":""}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]','5f5f168896238f458b114a11c62c74e669969e13c0e82a8e9c190e88dff714cc');
INSERT INTO "drafts" VALUES('349ced9a5be348ad9f80ac5ffbcf7168','{"schema_version":1,"id":"349ced9a5be348ad9f80ac5ffbcf7168","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Lungs clear. Größe 5 mm.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"left_out":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"accepted":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"communications":[],"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":"","belongs_to":null}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]','f77ce582a6413cb6875973145ca4c8dbb8a670cb0d9bb94d67091cb464d60df5');
INSERT INTO "drafts" VALUES('14b3a295067d4055adecc5159bd57f6a','{"schema_version":1,"id":"14b3a295067d4055adecc5159bd57f6a","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Heart normal.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"left_out":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"accepted":[],"decisions":[],"communications":[],"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":"","belongs_to":null}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]','28890173bc0879c6b1046ba9f3033970eb31e8b0708606083d3329e96db6e507');
INSERT INTO "drafts" VALUES('77a1188a9df941d192fa841f60f08996','{"schema_version":1,"id":"77a1188a9df941d192fa841f60f08996","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Lungs clear. Größe 5 mm.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"left_out":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"set_aside":[],"accepted":[],"organs":{},"confirmed":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"communications":[],"told_of":{},"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":"","belongs_to":null}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]','aa1d44e88679be42577af782f6e28dd12928b1bf3fd3905a2789cf0d05b12c46');
INSERT INTO "drafts" VALUES('9cc0012845cf4b1a94d8bda741f7dcdc','{"schema_version":1,"id":"9cc0012845cf4b1a94d8bda741f7dcdc","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"pad":{"pieces":[{"text":"Heart normal.","origin":"typed","ties":[],"sentence":"","section":null,"is_whole":false}],"transcripts":[],"arrivals":[],"commands":[],"retracted":[],"given":0,"stretch":null},"text_version":0,"text_changes":[],"places":[],"takes":[],"unheard":[],"left_out":[],"images":[],"readings":[],"pasted":null,"template":"","fields":{},"edits":[],"set_aside":[],"accepted":[],"organs":{},"confirmed":[],"decisions":[],"communications":[],"told_of":{},"compared":null,"compared_of":"","written":null,"obeyed":{},"addendum":"","belongs_to":null}','[[{"accession": "A1", "patient_id": "P1", "name": "DOE^Jane", "birth_date": null, "sex": null, "age": null, "procedure": "Chest radiograph", "modality": "CR", "body_part": "", "laterality": null, "performed": null, "indication": "", "priors": []}], []]','[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}]','[]','a3071fa544ab07248de2ca5252da979b32adf8c19137a7145d7db61b6abacb5d');
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
INSERT INTO "inbox" VALUES('0000000000000000000000000000000000000000000000000000000000000003','1 2');
INSERT INTO "inbox" VALUES('0000000000000000000000000000000000000000000000000000000000000004','1 2');
INSERT INTO "inbox" VALUES('0000000000000000000000000000000000000000000000000000000000000005','1 2');
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
INSERT INTO "orders" VALUES('A0003','596a7eb9c4234e408d47372ff8e8d3fb','{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}','active','stat','2026-11-26T18:15:29.306605+00:00');
INSERT INTO "orders" VALUES('A0004','349ced9a5be348ad9f80ac5ffbcf7168','{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}','active','stat','2026-11-30T05:27:10.501435+00:00');
INSERT INTO "orders" VALUES('A0005','77a1188a9df941d192fa841f60f08996','{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}','active','stat','2026-12-01T16:09:39.213278+00:00');
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
INSERT INTO "recordings" VALUES('take 0003','recording 0003','596a7eb9c4234e408d47372ff8e8d3fb','0003.capture','2026-11-26T18:15:29.306605+00:00',0.0,'','','',0);
INSERT INTO "recordings" VALUES('take 0004','recording 0004','349ced9a5be348ad9f80ac5ffbcf7168','0004.capture','2026-11-30T05:27:10.501435+00:00',0.0,'','','',0);
INSERT INTO "recordings" VALUES('take 0005','recording 0005','77a1188a9df941d192fa841f60f08996','0005.capture','2026-12-01T16:09:39.213278+00:00',0.0,'','','',0);
CREATE TABLE sessions (
	token TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	used_at TEXT NOT NULL, 
	ends_at TEXT NOT NULL, 
	PRIMARY KEY (token), 
	FOREIGN KEY(name) REFERENCES users (name)
);
CREATE TABLE sign_in_failures (
	"key" TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	last_at TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
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
INSERT INTO "studies" VALUES('596a7eb9c4234e408d47372ff8e8d3fb','1.2.3','A0003','{}','2026-11-26T18:15:29.306605+00:00');
INSERT INTO "studies" VALUES('349ced9a5be348ad9f80ac5ffbcf7168','1.2.3','A0004','{}','2026-11-30T05:27:10.501435+00:00');
INSERT INTO "studies" VALUES('77a1188a9df941d192fa841f60f08996','1.2.3','A0005','{}','2026-12-01T16:09:39.213278+00:00');
CREATE TABLE users (
	name TEXT NOT NULL, 
	display TEXT NOT NULL, 
	role TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	browser_key TEXT NOT NULL, 
	is_disabled BOOLEAN NOT NULL, 
	created_at TEXT NOT NULL, must_change BOOLEAN DEFAULT 0 NOT NULL, former TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (name)
);
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
INSERT INTO "versions" VALUES('596a7eb9c4234e408d47372ff8e8d3fb',1,'preliminary','Dr A','attending','','2026-03-01T09:30:00.000000+00:00','{"schema_version":1,"number":1,"state":"preliminary","author":"Dr A","role":"attending","at":"2026-03-01T09:30:00Z","reason":"","text":"Lungs preliminary.","case":{"schema_version":1,"id":"596a7eb9c4234e408d47372ff8e8d3fb","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"recordings":[],"studies":[],"facts":null,"dictation":{"sentences":[],"transcripts":[],"commands":[],"retracted":[]},"report":{"exam":[],"indication":[],"technique":[],"comparison":[],"findings":[{"id":"r1","text":"Lungs preliminary.","section":"findings","organ":null,"evidence":[],"origin":"typed","kept":"","accepted_by":""}],"impression":[]},"readings":[],"discrepancies":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"engines":{},"warnings":[],"state":"preliminary"},"overrides":[],"settings":{},"recordings":{},"edits":[],"communications":[],"changes":[]}','02a7c3a3a1a204d5bb7dc7149aaba888c7ad161288bebc9abba624afa016562a');
INSERT INTO "versions" VALUES('596a7eb9c4234e408d47372ff8e8d3fb',2,'final','Dr A','attending','','2026-03-01T09:30:00.000000+00:00','{"schema_version":1,"number":2,"state":"final","author":"Dr A","role":"attending","at":"2026-03-01T09:30:00Z","reason":"","text":"Lungs final.","case":{"schema_version":1,"id":"596a7eb9c4234e408d47372ff8e8d3fb","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"recordings":[],"studies":[],"facts":null,"dictation":{"sentences":[],"transcripts":[],"commands":[],"retracted":[]},"report":{"exam":[],"indication":[],"technique":[],"comparison":[],"findings":[{"id":"r1","text":"Lungs final.","section":"findings","organ":null,"evidence":[],"origin":"typed","kept":"","accepted_by":""}],"impression":[]},"readings":[],"discrepancies":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"engines":{},"warnings":[],"state":"final"},"overrides":[],"settings":{},"recordings":{},"edits":[],"communications":[],"changes":[]}','5318da8bbdfa0e61c5adfcedb2ee261354ded6c097d5e8d8b1635ba1d7ededa8');
INSERT INTO "versions" VALUES('349ced9a5be348ad9f80ac5ffbcf7168',1,'preliminary','Dr A','attending','','2026-03-01T09:30:00.000000+00:00','{"schema_version":1,"number":1,"state":"preliminary","author":"Dr A","role":"attending","at":"2026-03-01T09:30:00Z","reason":"","text":"Lungs preliminary.","case":{"schema_version":1,"id":"349ced9a5be348ad9f80ac5ffbcf7168","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"recordings":[],"studies":[],"facts":null,"dictation":{"sentences":[],"transcripts":[],"commands":[],"retracted":[]},"report":{"exam":[],"indication":[],"technique":[],"comparison":[],"findings":[{"id":"r1","text":"Lungs preliminary.","section":"findings","organ":null,"evidence":[],"origin":"typed","kept":"","accepted_by":""}],"impression":[]},"readings":[],"discrepancies":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"engines":{},"warnings":[],"state":"preliminary"},"overrides":[],"settings":{},"recordings":{},"edits":[],"communications":[],"left_out":[],"changes":[]}','61047ccd4483256ec489bf3a4a39ac6a4f10992e198c17e3a2be0b3369943cbd');
INSERT INTO "versions" VALUES('349ced9a5be348ad9f80ac5ffbcf7168',2,'final','Dr A','attending','','2026-03-01T09:30:00.000000+00:00','{"schema_version":1,"number":2,"state":"final","author":"Dr A","role":"attending","at":"2026-03-01T09:30:00Z","reason":"","text":"Lungs final.","case":{"schema_version":1,"id":"349ced9a5be348ad9f80ac5ffbcf7168","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"recordings":[],"studies":[],"facts":null,"dictation":{"sentences":[],"transcripts":[],"commands":[],"retracted":[]},"report":{"exam":[],"indication":[],"technique":[],"comparison":[],"findings":[{"id":"r1","text":"Lungs final.","section":"findings","organ":null,"evidence":[],"origin":"typed","kept":"","accepted_by":""}],"impression":[]},"readings":[],"discrepancies":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"engines":{},"warnings":[],"state":"final"},"overrides":[],"settings":{},"recordings":{},"edits":[],"communications":[],"left_out":[],"changes":[]}','f9b0e30104ef5faa5cad7af192b092f51460bc9ae6549399ddfa64867ae02215');
INSERT INTO "versions" VALUES('77a1188a9df941d192fa841f60f08996',1,'preliminary','Dr A','attending','','2026-03-01T09:30:00.000000+00:00','{"schema_version":1,"number":1,"state":"preliminary","author":"Dr A","role":"attending","at":"2026-03-01T09:30:00Z","reason":"","text":"Lungs preliminary.","case":{"schema_version":1,"id":"77a1188a9df941d192fa841f60f08996","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"recordings":[],"studies":[],"facts":null,"dictation":{"sentences":[],"transcripts":[],"commands":[],"retracted":[]},"report":{"exam":[],"indication":[],"technique":[],"comparison":[],"findings":[{"id":"r1","text":"Lungs preliminary.","section":"findings","organ":null,"evidence":[],"origin":"typed","kept":"","accepted_by":""}],"impression":[]},"readings":[],"discrepancies":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"engines":{},"warnings":[],"state":"preliminary"},"overrides":[],"settings":{},"recordings":{},"edits":[],"communications":[],"planned":[],"set_aside":[],"left_out":[],"changes":[]}','8572dc110ae2d26955cd79901e0f5c09012e19df78d89f867e2d9d1278cd6569');
INSERT INTO "versions" VALUES('77a1188a9df941d192fa841f60f08996',2,'final','Dr A','attending','','2026-03-01T09:30:00.000000+00:00','{"schema_version":1,"number":2,"state":"final","author":"Dr A","role":"attending","at":"2026-03-01T09:30:00Z","reason":"","text":"Lungs final.","case":{"schema_version":1,"id":"77a1188a9df941d192fa841f60f08996","orders":[{"accession":"A1","patient_id":"P1","name":"DOE^Jane","birth_date":null,"sex":null,"age":null,"procedure":"Chest radiograph","modality":"CR","body_part":"","laterality":null,"performed":null,"indication":"","priors":[]}],"recordings":[],"studies":[],"facts":null,"dictation":{"sentences":[],"transcripts":[],"commands":[],"retracted":[]},"report":{"exam":[],"indication":[],"technique":[],"comparison":[],"findings":[{"id":"r1","text":"Lungs final.","section":"findings","organ":null,"evidence":[],"origin":"typed","kept":"","accepted_by":""}],"impression":[]},"readings":[],"discrepancies":[],"decisions":[{"discrepancy_id":"preliminary","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"},{"discrepancy_id":"final","action":"dismiss","reason":"","by":"Dr A","at":"2026-03-01T09:30:00Z"}],"engines":{},"warnings":[],"state":"final"},"overrides":[],"settings":{},"recordings":{},"edits":[],"communications":[],"planned":[],"set_aside":[],"left_out":[],"changes":[]}','ae76fd74379c1a3d388db5a5d2faabf1a7933d0f2f2a13a21d3a97139ca2044f');
CREATE INDEX ix_audit_case_id ON audit (case_id);
CREATE INDEX cases_by_accession ON cases (accession);
CREATE INDEX cases_in_order ON cases (urgency, created_at, id, state, search);
CREATE INDEX ix_orders_case_id ON orders (case_id);
CREATE INDEX ix_recordings_case_id ON recordings (case_id);
CREATE INDEX studies_by_uid ON studies (study_uid);
CREATE INDEX ix_sessions_name ON sessions (name);
CREATE INDEX case_readers_by_name ON case_readers (name);
COMMIT;
