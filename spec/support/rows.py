# Many sandboxes without the work of creating them: copies of a row in a
# database that no server has open.
# usage: rows.py FILE COUNT
import sqlite3
import sys

file, count = sys.argv[1], int(sys.argv[2])
db = sqlite3.connect(file, isolation_level=None)
columns = [row[1] for row in db.execute("PRAGMA table_info(sandboxes)")]
new = {
    "id": "printf('%08x-0000-4000-8000-%012x', n * 2654435761 % 4294967296, n)",
    "name": "'Row' || n",
    "labels": """json_object('nr', '' || n, 'parity', '' || (n % 2))""",
    "cpu": "1 + n % 4",
    # several in the same moment, and in another order than the names
    "created_at": "created_at - n * 7919 % 10007 / 4",
    "last_activity_at": "last_activity_at - n * 104729 % 10007 / 4",
}
db.execute("BEGIN")
db.execute(
    f"""WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
    INSERT INTO sandboxes ({', '.join(columns)})
    SELECT {', '.join(new.get(name, name) for name in columns)}
    FROM (SELECT * FROM sandboxes LIMIT 1), numbers""", (count,))
db.execute("COMMIT")
db.close()
