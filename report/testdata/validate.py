"""validate.py XSD FILE...: prints what is not valid; the exit code says whether something is."""

import sys

from lxml import etree

schema = etree.XMLSchema(etree.parse(sys.argv[1]))
bad = False
for path in sys.argv[2:]:
    try:
        document = etree.parse(path)
    except etree.XMLSyntaxError as error:
        print(f"{path}: {error}")
        bad = True
        continue
    if not schema.validate(document):
        print(schema.error_log)
        bad = True
sys.exit(bad)
