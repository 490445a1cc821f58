"""Dictated reports and slips of one word in them, as a recognizer makes them: hardly seen in the word error rate."""

SCRIPTS = (
    "FINDINGS: There is a moderate left pleural effusion with adjacent compressive atelectasis. No pneumothorax"
    " is seen. The cardiomediastinal silhouette is within normal limits. There is a 1.5 cm nodule in the right"
    " upper lobe. The visualized osseous structures are intact.\nIMPRESSION: Moderate left pleural effusion. Right"
    " upper lobe nodule measuring 1.5 cm.",
    "FINDINGS: There is a compression fracture of the L4 vertebral body with 8 mm of retropulsion. No epidural"
    " hematoma is seen. The conus terminates at L1. The paraspinal soft tissues are unremarkable.\nIMPRESSION:"
    " Compression fracture of L4.",
    "FINDINGS: The liver is normal in size. There is a 12 mm hypodense lesion in the left hepatic lobe. The"
    " gallbladder is unremarkable without gallstones. There is no hydronephrosis. The right kidney measures 10.5"
    " cm in length. There is no free air.\nIMPRESSION: A 12 mm lesion in the left hepatic lobe.",
    "TECHNIQUE: CT of the chest with 100 mL of iohexol.\nFINDINGS: No pulmonary embolism is seen. The right"
    " ventricle is not enlarged. There is a small right pleural effusion. No consolidation is seen.\nIMPRESSION: No"
    " pulmonary embolism. Small right pleural effusion.",
)

# class, script, what was said, what was heard in its place; the kind of change that a radiologist would name
SLIPS = (
    ("side", 0, "a moderate left pleural", "a moderate right pleural", "laterality"),
    ("side", 2, "in the left hepatic lobe. The", "in the right hepatic lobe. The", "laterality"),
    ("negation", 0, "No pneumothorax is seen", "Pneumothorax is seen", "negation"),
    ("negation", 3, "FINDINGS: No pulmonary embolism", "FINDINGS: A pulmonary embolism", "negation"),
    ("number", 0, "a 1.5 cm nodule", "a 15 cm nodule", "measurement"),
    ("number", 1, "8 mm of retropulsion", "18 mm of retropulsion", "measurement"),
    ("unit", 2, "a 12 mm hypodense", "a 12 cm hypodense", "unit"),
    ("level", 1, "of the L4 vertebral", "of the L5 vertebral", "level"),
    ("drug", 3, "iohexol", "iodixanol", ""),
    ("finding", 2, "without gallstones", "without gall bones", ""),
)
