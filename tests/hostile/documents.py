"""The vectors whose fault is in the document: its JSON, its members, and what these say of each other."""

CASES = []
ID = "0" * 31
ENTRY = f'"id":"{ID}1","provider":"azion","token":"t"'
FIRST = "{" + ENTRY + ',"label":"a","in_use":true}'
RULE = f'"id":"deadbeef","entry":"{ID}1","verdict":"allow"'
UUID, PIN = "0123456789abcdef" * 2, "0123456789abcdef" * 4
KEY = f'{{"uuid":"{UUID}","recipient":"{PIN}","label":"k"}}'
NOTE = '"note":'


def text(name, expect, comment, document):
    """A document of just these bytes."""
    CASES.append((name, expect, comment, document.encode() if isinstance(document, str) else document))


def doc(name, expect, comment, entries=FIRST, more="", keys="", lineage=""):
    """A document with these entries, keys and pins, and more members."""
    text(name, expect, comment, f'{{"version":1,"entries":[{entries}]{more},"keys":[{keys}],"lineage":[{lineage}]}}')


def entry(name, expect, comment, more):
    """A document with one entry that has more members."""
    doc(name, expect, comment, FIRST[:-1] + "," + more + "}")


def listed(member, name, expect, comment, *objects):
    """A document with a list of these in a member."""
    doc(name, expect, comment, more=f',"{member}":[' + ",".join("{" + one + "}" for one in objects) + "]")


def setting(name, expect, comment, settings):
    """A document with these settings."""
    doc(name, expect, comment, more=f',"settings":{{{settings}}}')


# ---- JSON

WHOLE = f'{{"version":1,"entries":[{FIRST}],"keys":[],"lineage":[]}}'
doc("ok-document", "OK", "the document that the others differ from")
doc("ok-no-entries", "OK", "an empty vault", "")
text("ok-json-white-space", "OK", "white space wherever JSON has it", WHOLE.replace(",", " ,\t\r\n").replace("{", "\n{ "))
text("ok-json-escapes", "OK", "names and texts in escapes", WHOLE.replace("azion", "\\u0061zion").replace("lineage", "line\\u0061ge"))
text("ok-json-escaped-entries", "OK", "the entries' name in escapes", WHOLE.replace("entries", "entri\\u0065s"))
text("ok-json-numbers", "OK", "whole numbers in other spellings", WHOLE.replace('"label"', '"created":1.5e1,"updated":-0,"label"'))
entry("ok-json-pair", "OK", "a surrogate pair", NOTE + '"\\ud83d\\udd11\U0001F511"')
text("json-cut", "DAMAGED", "the last brace is missing", WHOLE[:-1])
text("json-name-half-quoted", "DAMAGED", "a name whose first quotation mark is missing", WHOLE.replace('"entries"', 'entries"'))
text("json-two-values", "DAMAGED", "a value behind the document", WHOLE + "{}")
text("json-text", "DAMAGED", "a text for the document", '"' + "x" * 20 + '"')
text("json-null", "DAMAGED", "null for the document", "null")
text("json-array", "DAMAGED", "an array for the document", "[" + WHOLE + "]")
text("json-byte-order-mark", "DAMAGED", "a byte order mark before it", "\ufeff" + WHOLE)
text("json-form-feed", "DAMAGED", "a form feed is no white space", "\f" + WHOLE)
text("json-comma-in-object", "DAMAGED", "a comma before the last brace", WHOLE[:-1] + ",}")
text("json-comma-in-array", "DAMAGED", "a comma before a bracket", WHOLE.replace("}]", "},]"))
text("json-brace-for-bracket", "DAMAGED", "a list that ends with a brace", WHOLE.replace("}]", "}}"))
text("json-bracket-for-brace", "DAMAGED", "an object that ends with a bracket", WHOLE.replace("true}", "true]"))
text("json-entries-twice", "DAMAGED", "entries that occur twice", WHOLE[:-1] + ',"entries":[]}')
text("json-entries-twice-escaped", "DAMAGED", "and are spelled in two ways", WHOLE[:-1] + ',"entri\\u0065s":[]}')
text("json-two-entries-no-comma", "DAMAGED", "two entries without a comma between", WHOLE.replace("}]", "}" + FIRST.replace(ID + "1", ID + "2") + "]"))
text("json-comment", "DAMAGED", "a comment", WHOLE[:-1] + "/**/}")
text("json-single-quotes", "DAMAGED", "single quotes", WHOLE.replace('"t"', "'t'"))
text("json-bare-name", "DAMAGED", "a name without quotes", WHOLE.replace('"label"', "label"))
text("json-literal", "DAMAGED", "True", WHOLE.replace("true", "True"))
text("json-member-twice", "DAMAGED", "a member that occurs twice", WHOLE[:-1] + ',"keys":[]}')
text("json-member-twice-nested", "DAMAGED", "and one of an entry", WHOLE.replace('"label"', '"token":"u","label"'))
text("json-member-twice-escaped", "DAMAGED", "and one that is spelled in two ways", WHOLE[:-1] + ',"ke\\u0079s":[]}')
for number in ("01", "+1", ".5", "1.", "1e", "0x1", "NaN", "Infinity", "-", "1_0", "1" * 64):
    entry(f"json-number-{number if len(number) < 20 else 'long'}", "DAMAGED", f"{number[:9]} is no number", f'"created":{number}')
entry("json-control", "DAMAGED", "a tab in a text", NOTE + '"a\tb"')
entry("json-newline", "DAMAGED", "a line's end in a text", NOTE + '"a\nb"')
entry("json-nul", "DAMAGED", "a NUL in a text", NOTE + '"a\0b"')
entry("json-escaped-nul", "DAMAGED", "and an escaped one", NOTE + '"a\\u0000b"')
entry("json-half-pair", "DAMAGED", "half a surrogate pair", NOTE + '"\\ud83d"')
entry("json-half-pair-low", "DAMAGED", "the other half", NOTE + '"\\udd11"')
entry("json-half-pair-text", "DAMAGED", "half a pair, then something else", NOTE + '"\\ud83d\\u0041"')
entry("json-half-pair-low-twice", "DAMAGED", "the other half twice", NOTE + '"\\udd11\\udd11"')
entry("json-half-pair-no-backslash", "DAMAGED", "half a pair, and the other without its backslash", NOTE + '"\\ud83dudd11"')
entry("json-half-pair-no-u", "DAMAGED", "half a pair, and the other without its u", NOTE + '"\\ud83d\\dd11"')
text("json-half-a-name", "DAMAGED", "a name without its first quote", WHOLE.replace('"label"', 'label"'))
text("json-no-name", "DAMAGED", "a value without a name", WHOLE.replace('"label"', ""))
text("json-no-colon", "DAMAGED", "a name without its colon", WHOLE.replace('"label":', '"label"'))
entry("json-escape-nul", "DAMAGED", "a NUL behind a backslash", NOTE + '"a\\\0"')
entry("json-wrong-escape", "DAMAGED", "an escape that there is not", NOTE + '"\\x41"')
entry("json-short-escape", "DAMAGED", "an escape of three digits", NOTE + '"\\u041"')
for what, wrong in {"latin-1": b"\xe9", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80", "beyond": b"\xf4\x90\x80\x80",
                    "cut": b"\xe2\x82", "follower": b"\x80"}.items():
    text(f"utf8-{what}", "DAMAGED", f"text that is no UTF-8 ({what})", WHOLE.replace('"label"', '"note":"?","label"').encode().replace(b"?", wrong))
text("utf8-in-name", "DAMAGED", "a member to come whose name is no UTF-8", WHOLE[:-1].encode() + b',"\xe9xx":1}')
doc("json-too-deep", "DAMAGED", "65 arrays and objects inside each other", more=',"new":' + "[" * 64 + "]" * 64)
doc("json-64-deep", "NEWER", "64 of them may be, and are of a program to come", more=',"new":' + "[" * 63 + "]" * 63)
doc("json-too-many-members", "DAMAGED", "more members than an object may have",
    more=',"new":{' + ",".join(f'"{i}":0' for i in range(4097)) + "}")

# ---- the document

text("doc-version-missing", "DAMAGED", "no version", WHOLE.replace('"version":1,', ""))
text("doc-version-0", "DAMAGED", "there is no version 0", WHOLE.replace('"version":1', '"version":0'))
text("doc-version-2", "NEWER", "a version to come", WHOLE.replace('"version":1', '"version":2'))
text("doc-version-text", "DAMAGED", "a version that is a text", WHOLE.replace('"version":1', '"version":"1"'))
text("doc-member-unknown", "NEWER", "a member to come", WHOLE[:-1] + ',"new":1}')
for member in ("entries", "keys", "lineage"):
    text(f"doc-{member}-object", "DAMAGED", f"an object for {member}", WHOLE.replace(f'"{member}":[', f'"{member}":{{}},"views":['))
for member, piece in {"entries": f'"entries":[{FIRST}],', "keys": '"keys":[],', "lineage": ',"lineage":[]'}.items():
    text(f"doc-{member}-missing", "DAMAGED", f"no {member}", WHOLE.replace(piece, ""))
for member in ("views", "paths", "rules"):
    doc(f"doc-{member}-object", "DAMAGED", f"an object for {member}", more=f',"{member}":{{}}')
    doc(f"doc-{member}-null", "DAMAGED", f"null for {member}", more=f',"{member}":null')
    doc(f"doc-{member}-text", "DAMAGED", f"a text in {member}", more=f',"{member}":["x"]')
doc("doc-settings-array", "DAMAGED", "an array for settings", more=',"settings":[]')

# ---- entries

entry("ok-entry-full", "OK", "an entry with all that it may have", NOTE + '"n","fields":{"a":"b","c_9":""},"expires":9,"expires_from":"user",'
      '"hosts":["a.b","1.2.3.4","[::1]:8443"],"since":1,"created":1,"updated":2,"verified":3,"tried":4,"answer":"OK","deny":true,'
      '"rotation":{"step":"minted","name":"n","started":1,"token":"u","id":"i","expires":5},"revoking":[{"id":"a","at":1},{"id":"b"}],'
      '"account":"x","ended":8,"history":[{"label":"z","token":"t"}]')
entry("ok-time-most", "OK", "the greatest number that is exact", '"created":9007199254740992')
entry("ok-history-10", "OK", "ten versions", '"history":[' + ",".join(['{"label":"z","token":"t"}'] * 10) + "]")
doc("ok-removed-twin", "OK", "a removed entry has the label of a live one", "{" + ENTRY + ',"label":"a","removed":9},' + FIRST.replace(ID + "1", ID + "2"))
entry("entry-member-unknown", "NEWER", "a member to come", '"new":1')
text("entry-text", "DAMAGED", "a text for an entry", WHOLE.replace(FIRST, '"x"'))
for member in ("id", "provider", "token", "label"):
    start = FIRST.index(f'"{member}":')
    end = FIRST.index(",", start) + 1
    doc(f"entry-{member}-missing", "DAMAGED", f"an entry without {member}", FIRST[:start] + FIRST[end:])
for member, wrong in {
    "id": ("31-digits", '"' + ID + '"', "letter-behind", '"' + ID + '1x"', "upper-case", '"' + "A" * 32 + '"', "number", "1"),
    "provider": ("slash", '"a/b"', "empty", '""', "upper-case", '"Azion"', "33-long", '"' + "a" * 33 + '"', "dash-first", '"-a"'),
    "label": ("empty", '""', "dots", '".."', "slash", '"a/b"', "space", '"a b"', "65-long", '"' + "a" * 65 + '"', "not-ascii", '"\u00e9"'),
    "token": ("empty", '""', "newline", '"t\\n"', "not-ascii", '"\u00e9"', "control", '"a\\u001fb"', "delete", '"a\x7f"', "number", "1"),
    "in_use": ("false", "false", "text", '"true"', "number", "1"),
}.items():
    for what, value in zip(wrong[::2], wrong[1::2]):
        start = FIRST.index(f'"{member}":')
        end = min(FIRST.find(c, start) % 999 for c in ",}")
        doc(f"entry-{member.replace('_', '-')}-{what}", "DAMAGED", f"an entry's {member}: {what}", FIRST[:start] + f'"{member}":{value}' + FIRST[end:])
doc("entry-token-longest", "OK", "a token as long as there may be", FIRST.replace('"t"', '"' + "t" * 65536 + '"'))
doc("entry-token-too-long", "DAMAGED", "and one byte more", FIRST.replace('"t"', '"' + "t" * 65537 + '"'))
doc("entry-id-twice", "DAMAGED", "two entries with one id", FIRST + ',{' + ENTRY + ',"label":"b"}')
doc("entry-label-twice", "DAMAGED", "two entries with one name", FIRST + ",{" + ENTRY.replace(ID + "1", ID + "2") + ',"label":"a"}')
doc("entry-none-in-use", "DAMAGED", "a provider of which no entry is in use", FIRST.replace(',"in_use":true', ""))
doc("entry-two-in-use", "DAMAGED", "a provider of which two are", FIRST + ",{" + ENTRY.replace(ID + "1", ID + "2") + ',"label":"b","in_use":true}')
doc("entry-in-use-false-too", "DAMAGED", "another entry of the provider says that it is not in use", FIRST + ",{" + ENTRY.replace(ID + "1", ID + "2") + ',"label":"b","in_use":false}')
entry("entry-removed-in-use", "DAMAGED", "a removed entry that is in use", '"removed":9')
doc("entry-removed-in-use-alone", "DAMAGED", "and none that is there is",
    FIRST[:-1] + ',"removed":9},{' + ENTRY.replace(ID + "1", ID + "2") + ',"label":"b"}')
doc("entry-in-use-of-another", "DAMAGED", "a service has two in use, and another one none",
    FIRST + ",{" + ENTRY.replace(ID + "1", ID + "2") + ',"label":"b","in_use":true},{'
    + ENTRY.replace(ID + "1", ID + "3").replace("azion", "api7") + ',"label":"c"}')
for member in ("expires", "since", "created", "updated", "removed", "verified", "tried", "ended"):
    more = ',"answer":"OK"' if member == "tried" else ""
    entry(f"entry-{member}-negative", "DAMAGED", f"{member} before 1970", f'"{member}":-1' + more)
    entry(f"entry-{member}-text", "DAMAGED", f"a text for {member}", f'"{member}":"1"' + more)
entry("entry-time-half", "DAMAGED", "half a second", '"created":1.5')
entry("entry-time-too-great", "DAMAGED", "a number that is not exact", '"created":9007199254740994')
entry("entry-time-endless", "DAMAGED", "a number beyond all", '"created":1e999')
entry("entry-note-number", "DAMAGED", "a number for a note", NOTE + "7")
entry("entry-note-null", "DAMAGED", "null for a note", NOTE + "null")
entry("entry-note-control", "DAMAGED", "a control character in a note", NOTE + '"a\\u001bb"')
entry("entry-note-delete", "DAMAGED", "and the one above ASCII's others", NOTE + '"a\x7fb"')
entry("entry-note-too-long", "DAMAGED", "a note of 4097 bytes", NOTE + '"' + "\u00e9" * 2048 + 'x"')
entry("entry-account-array", "DAMAGED", "an array for an account", '"account":[]')
entry("entry-account-too-long", "DAMAGED", "an account of 4097 bytes", '"account":"' + "x" * 4097 + '"')
entry("entry-deny-false", "DAMAGED", "deny is true or missing", '"deny":false')
entry("entry-deny-number", "DAMAGED", "and no number", '"deny":1')
entry("entry-expires-from-alone", "DAMAGED", "who says so, but not what", '"expires_from":"user"')
entry("entry-expires-from-whom", "DAMAGED", "somebody else says so", '"expires":9,"expires_from":"me"')
entry("entry-expires-from-number", "DAMAGED", "a number says so", '"expires":9,"expires_from":1')
for what, value in {"array": "[]", "number": "7", "upper-case": '{"A":"b"}', "digit-first": '{"9":"b"}', "33-long": '{"' + "a" * 33 + '":"b"}',
                    "value-number": '{"a":1}', "value-null": '{"a":null}', "value-control": '{"a":"\\u0007"}',
                    "value-too-long": '{"a":"' + "x" * 8193 + '"}', "65": "{" + ",".join(f'"a{i}":""' for i in range(65)) + "}"}.items():
    entry(f"entry-fields-{what}", "DAMAGED", f"fields: {what}", f'"fields":{value}')
for what, value in {"text": '"a.b"', "number": "[1]", "twice": '["a.b","a.b"]', "upper-case": '["A"]', "443": '["a.b:443"]', "port-0": '["a.b:0"]',
                    "port-zero-first": '["a.b:080"]', "port-65536": '["a.b:65536"]', "dash": '["-a.b"]', "two-dots": '["a..b"]', "empty": '[""]',
                    "port-empty": '["a.b:"]', "port-text": '["a.b:80x"]', "port-wraps": '["a.b:4294967298"]', "dash-last": '["a-.b"]', "open-bracket": '["[::1"]',
                    "no-colon": '["[::1]88443"]', "long-address": '["[' + "0" * 100 + ']"]', "254": '["' + ".".join(["a" * 62] * 4) + '.ab"]',
                    "number-last": '["a.1"]', "hex-last": '["a.0x1f"]', "short-address": '["1.2.3"]', "zeroes-in-address": '["1.2.3.04"]',
                    "long-ipv6": '["[0:0:0:0:0:0:0:1]"]', "bare-ipv6": '["::1"]', "label-64": '["' + "a" * 64 + '.b"]',
                    "65": "[" + ",".join(f'"a{i}.b"' for i in range(65)) + "]"}.items():
    entry(f"entry-hosts-{what}", "DAMAGED", f"hosts: {what}", f'"hosts":{value}')
entry("entry-tried-alone", "DAMAGED", "asked, and no answer", '"tried":7')
entry("entry-answer-alone", "DAMAGED", "an answer, and never asked", '"answer":"OK"')
entry("entry-answer-number", "DAMAGED", "a number for an answer", '"answer":5')
entry("entry-answer-unknown", "NEWER", "an answer to come", '"tried":7,"answer":"MAYBE"')
entry("entry-answer-other", "NEWER", "a status that no service answers with", '"tried":7,"answer":"DAMAGED"')
for what, value in {"null": "null", "empty": "{}", "array": "[]", "step": '{"step":"done","name":"n"}', "step-missing": '{"name":"n"}',
                    "name-missing": '{"step":"minting"}', "name-empty": '{"step":"minting","name":""}', "name-257": '{"step":"minting","name":"' + "n" * 257 + '"}',
                    "started": '{"step":"minting","name":"n","started":-1}', "minted-without": '{"step":"minted","name":"n"}',
                    "minting-with": '{"step":"minting","name":"n","token":"t"}', "minting-id": '{"step":"minting","name":"n","id":"i"}',
                    "minting-expires": '{"step":"minting","name":"n","expires":5}', "token-number": '{"step":"minting","name":"n","token":5}',
                    "token-newline": '{"step":"minted","name":"n","token":"t\\n"}', "token-empty": '{"step":"minted","name":"n","token":""}',
                    "id-number": '{"step":"minted","name":"n","token":"t","id":5}', "id-empty": '{"step":"minted","name":"n","token":"t","id":""}',
                    "expires": '{"step":"minted","name":"n","token":"t","expires":"x"}'}.items():
    entry(f"entry-rotation-{what}", "DAMAGED", f"a rotation: {what}", f'"rotation":{value}')
entry("entry-rotation-unknown", "NEWER", "a rotation's member to come", '"rotation":{"step":"minting","name":"n","new":1}')
for what, value in {"object": "{}", "text": '["a"]', "id-missing": '[{"at":5}]', "id-empty": '[{"id":""}]', "id-257": '[{"id":"' + "i" * 257 + '"}]',
                    "twice": '[{"id":"a"},{"id":"a"}]', "at": '[{"id":"a","at":-5}]', "17": "[" + ",".join(f'{{"id":"{i}"}}' for i in range(17)) + "]"}.items():
    entry(f"entry-revoking-{what}", "DAMAGED", f"tokens to revoke: {what}", f'"revoking":{value}')
entry("entry-revoking-unknown", "NEWER", "a member to come of a token to revoke", '"revoking":[{"id":"a","new":1}]')
for what, value in {"object": "{}", "number": "7", "text": '["x"]', "11": "[" + ",".join(['{"label":"z","token":"t"}'] * 11) + "]",
                    "token-missing": '[{"label":"z"}]', "label-missing": '[{"token":"t"}]', "expires": '[{"label":"z","token":"t","expires":-1}]',
                    "expires-from": '[{"label":"z","token":"t","expires_from":"user"}]'}.items():
    entry(f"entry-history-{what}", "DAMAGED", f"a history: {what}", f'"history":{value}')
entry("entry-history-unknown", "NEWER", "a version's member to come", '"history":[{"label":"z","token":"t","new":1}]')

# ---- views and paths

VIEW, PATH = '"provider":"azion","file":"f","on":true', '"provider":"azion","file":"f","path":".a/b"'
listed("views", "ok-views", "OK", "a file for all entries and one for this entry", VIEW, VIEW + f',"entry":"{ID}1"')
listed("views", "view-unknown", "NEWER", "a view's member to come", VIEW + ',"new":1')
listed("views", "view-twice", "DAMAGED", "one view twice", VIEW, VIEW)
listed("views", "view-of-no-entry", "DAMAGED", "an entry that is not there", VIEW + f',"entry":"{ID}2"')
listed("views", "view-of-other-provider", "DAMAGED", "an entry of another provider", VIEW.replace("azion", "api7") + f',"entry":"{ID}1"')
listed("views", "view-entry-number", "DAMAGED", "a number for an entry", VIEW + ',"entry":1')
listed("views", "view-on-missing", "DAMAGED", "neither on nor off", '"provider":"azion","file":"f"')
listed("views", "view-on-text", "DAMAGED", "a text for on", '"provider":"azion","file":"f","on":"true"')
listed("views", "view-provider-missing", "DAMAGED", "no provider", '"file":"f","on":true')
listed("views", "view-provider-wrong", "DAMAGED", "a provider's name that none can have", '"provider":"A","file":"f","on":true')
listed("views", "view-file-missing", "DAMAGED", "no file", '"provider":"azion","on":true')
listed("views", "view-file-slash", "DAMAGED", "a file's name with a slash", VIEW.replace('"f"', '"a/f"'))
listed("views", "view-file-dots", "DAMAGED", "the directory above for a file", VIEW.replace('"f"', '".."'))
listed("views", "view-file-256", "DAMAGED", "a file's name of 256 bytes", VIEW.replace('"f"', '"' + "f" * 256 + '"'))
doc("view-1001", "DAMAGED", "one view more than there may be",
    more=',"views":[' + ",".join("{" + VIEW.replace('"f"', f'"{i}"') + "}" for i in range(1001)) + "]")
listed("paths", "ok-paths", "OK", "a path of the user's own", PATH)
doc("path-1001", "DAMAGED", "one path more than there may be",
    more=',"paths":[' + ",".join("{" + PATH.replace(".a/b", f"{i}") + "}" for i in range(1001)) + "]")
listed("paths", "path-unknown", "NEWER", "a path's member to come", PATH + ',"new":1')
listed("paths", "path-missing", "DAMAGED", "no path", PATH.replace(',"path":".a/b"', ""))
listed("paths", "path-of-no-entry", "DAMAGED", "an entry that is not there", PATH + f',"entry":"{ID}2"')
listed("paths", "path-twice", "DAMAGED", "two files at one path", PATH, PATH.replace('"f"', '"g"'))
for what, value in {"absolute": "/b", "above": "../b", "through-above": "a/../b", "here": "./b", "slashes": "a//b", "slash-last": "a/", "empty": "",
                    "control": "a\\u0007", "braces": "{{label}}", "256": "a" * 256, "1024": "a/" * 511 + "aa"}.items():
    listed("paths", f"path-{what}", "DAMAGED", f"a path: {what}", PATH.replace(".a/b", value))

# ---- rules

listed("rules", "ok-rules", "OK", "a rule with every condition, and one with none",
       RULE + f',"created":1,"program":"/p","script":"/s","hash":"{PIN}","ancestor":"/a","no_ancestor":["npm"],"tty":true,"cgroup":"*",'
       '"namespaces":true,"until":9,"reads":3,"until_exit":{"pid":7,"start":8}', RULE.replace("deadbeef", "deadbee0").replace("allow", "ask"))
listed("rules", "rule-unknown", "NEWER", "a rule's member to come", RULE + ',"new":1')
listed("rules", "rule-id-twice", "DAMAGED", "two rules with one id", RULE, RULE)
listed("rules", "rule-of-no-entry", "DAMAGED", "an entry that is not there", RULE.replace(ID + "1", ID + "2"))
for member, values in {
    "id": ("7-digits", '"0000001"', "letter-behind", '"deadbeefx"', "upper-case", '"0000000A"', "number", "1"),
    "verdict": ("other", '"maybe"', "number", "1"),
    "entry": ("number", "1", "letter-behind", f'"{ID}1x"'),
}.items():
    for what, value in zip(values[::2], values[1::2]):
        start = RULE.index(f'"{member}":')
        end = (RULE + ",").index(",", start)
        listed("rules", f"rule-{member}-{what}", "DAMAGED", f"a rule's {member}: {what}", RULE[:start] + f'"{member}":{value}' + RULE[end:])
for member, values in {
    "created": ("negative", "-1", "text", '"1"'), "program": ("relative", '"p"', "empty", '""', "number", "1", "4097", '"/' + "p" * 4096 + '"', "control", '"/\\u0007"'),
    "script": ("without-program", '"/s"'), "hash": ("without-program", f'"{PIN}"'), "ancestor": ("relative", '"a"'), "tty": ("false", "false", "text", '"true"'),
    "namespaces": ("false", "false"), "cgroup": ("empty", '""', "number", "1"), "until": ("0", "0", "negative", "-1", "text", '"1"'),
    "no_ancestor": ("empty", "[]", "text", '"npm"', "number", "[1]", "slash", '["a/b"]', "nothing", '[""]', "object", '{"npm":"npm"}', "65-long", '["' + "a" * 65 + '"]',
                    "33", "[" + ",".join(f'"{i}"' for i in range(33)) + "]"),
    "reads": ("0", "0", "too-many", "1000001", "half", "1.5"),
    "until_exit": ("null", "null", "array", "[1,2]", "pid-missing", '{"start":8}', "start-missing", '{"pid":7}', "pid-text", '{"pid":"7","start":8}', "start-text", '{"pid":7,"start":"8"}', "pid-0", '{"pid":0,"start":8}',
                   "pid-too-great", '{"pid":2147483648,"start":8}', "start-0", '{"pid":7,"start":0}'),
}.items():
    for what, value in zip(values[::2], values[1::2]):
        listed("rules", f"rule-{member.replace('_', '-')}-{what}", "DAMAGED", f"a rule's {member}: {what}", RULE + f',"{member}":{value}')
listed("rules", "rule-script-relative", "DAMAGED", "a rule's script: relative", RULE + ',"program":"/p","script":"s"')
listed("rules", "rule-hash-short", "DAMAGED", "a rule's hash: 31 bytes", RULE + f',"program":"/p","hash":"{PIN[:-2]}"')
listed("rules", "rule-until-exit-unknown", "NEWER", "a member to come of what ends a rule", RULE + ',"until_exit":{"pid":7,"start":8,"new":1}')
listed("rules", "rule-until-exit-9", "DAMAGED", "nine rules that end with a process",
       *[RULE.replace("deadbeef", f"deadbee{i}") + ',"until_exit":{"pid":7,"start":8}' for i in range(9)])
doc("rule-1001", "DAMAGED", "one rule more than there may be",
    more=',"rules":[' + ",".join("{" + RULE.replace("deadbeef", f"{i:08}") + "}" for i in range(1001)) + "]")

# ---- settings, keys, lineage

setting("ok-settings", "OK", "all settings", '"proxy":"http://p","ca_file":"/c","private_hosts":["a","[::1]"],"lock_idle":1,"lock_after":31622400,'
        '"lock_sleep":false,"lock_screen":true,"unlock_on_open":true,"prompt_wait":3600,"audit":false')
setting("setting-unknown", "NEWER", "a setting to come", '"new":1')
for what, value in {"proxy-empty": '"proxy":""', "proxy-null": '"proxy":null', "proxy-4097": '"proxy":"' + "p" * 4097 + '"', "ca-file-number": '"ca_file":1',
                    "ca-file-array": '"ca_file":["/c"]', "hosts-text": '"private_hosts":"a"', "hosts-null": '"private_hosts":null', "hosts-port": '"private_hosts":["a:1"]',
                    "hosts-ipv6-port": '"private_hosts":["[::1]:1"]', "hosts-twice": '"private_hosts":["a","a"]', "hosts-wrong": '"private_hosts":["A"]',
                    "hosts-101": '"private_hosts":[' + ",".join(f'"a{i}"' for i in range(101)) + "]", "idle-0": '"lock_idle":0', "idle-text": '"lock_idle":"15m"',
                    "idle-null": '"lock_idle":null', "after-too-long": '"lock_after":31622401', "after-negative": '"lock_after":-1', "sleep-number": '"lock_sleep":1',
                    "screen-null": '"lock_screen":null', "screen-text": '"lock_screen":"off"',
                    "unlock-number": '"unlock_on_open":1', "wait-0": '"prompt_wait":0', "wait-3601": '"prompt_wait":3601', "audit-text": '"audit":"off"'}.items():
    setting(f"setting-{what}", "DAMAGED", f"a setting: {what}", value)
doc("ok-key", "OK", "what is known of a slot", keys=KEY, lineage=f'"{PIN}"')
doc("ok-lineage-64", "OK", "as many former keys as there may be", lineage=",".join([f'"{PIN}"'] * 64))
doc("key-unknown", "NEWER", "a member to come", keys=KEY[:-1] + ',"new":1}')
doc("key-text", "DAMAGED", "a text for a slot", keys='"x"')
doc("key-twice", "DAMAGED", "one slot twice", keys=KEY + "," + KEY)
doc("key-17", "DAMAGED", "one slot more than there may be", keys=",".join(KEY.replace("01234567", f"{i:08}", 1) for i in range(17)))
for what, value in {"uuid-short": KEY.replace(f'"{UUID}"', '"01"'), "uuid-long": KEY.replace(f'"{UUID}"', f'"{UUID}x"'), "uuid-upper-case": KEY.replace(f'"{UUID}"', '"' + "A" * 32 + '"'),
                    "recipient-missing": KEY.replace(f',"recipient":"{PIN}"', ""), "recipient-short": KEY.replace(PIN, PIN[:-2]),
                    "label-missing": KEY.replace(',"label":"k"', ""), "label-wrong": KEY.replace('"k"', '"a b"'), "label-number": KEY.replace('"k"', "1"),
                    "created": KEY[:-1] + ',"created":-1}'}.items():
    doc(f"key-{what}", "DAMAGED", f"a slot's {what}", keys=value)
for what, value in {"short": f'"{PIN[:-2]}"', "long": f'"{PIN}x"', "number": "1", "upper-case": '"' + "A" * 64 + '"', "65": ",".join([f'"{PIN}"'] * 65)}.items():
    doc(f"lineage-{what}", "DAMAGED", f"a former key's pin: {what}", lineage=value)
doc("ok-audit", "OK", "what the audit log's keys are made from", more=f',"audit":"{PIN}"')
for what, value in {"null": "null", "number": "1", "short": f'"{PIN[:-2]}"', "upper-case": '"' + "A" * 64 + '"', "true": "true"}.items():
    doc(f"audit-{what}", "DAMAGED", f"what the audit log's keys are made from: {what}", more=f',"audit":{value}')
