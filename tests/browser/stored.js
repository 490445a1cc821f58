// [database, store, row] of all that the next user of this browser finds who looks
async () => {
  const rows = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done, not) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = not;
    });
    for (const store of database.objectStoreNames) rows.push(...await new Promise((done) => {
      const all = database.transaction(store).objectStore(store).getAll();
      all.onsuccess = () => done(all.result.map((row) => [name, store, row]));
    }));
    database.close();
  }
  return rows;
}
