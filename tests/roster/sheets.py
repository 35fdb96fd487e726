"""A small district as sheets, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CHINESE = {
    "homes.csv": "编号,名称,建成年份,活动室\nH01,西桥小学,2022,已就绪\nH02,东风小学,2024年,加固中\n",
    "children.csv": (
        "编号,小名,姓名,性别,出生日期,班级,学校编号,家庭情况,外出,外出地点,从事工作,外出时间,认定依据,住校,健康状况,兴趣特长,加入日期,同意书日期\n"
        "0101,小禾,林小禾,女,2016年3月5日,三年级1班,H01,随奶奶生活,父母,杭州,服装厂,2021年春,父母外出半年以上,否,良好,画画,2024-09-01,2024/9/3\n"
        "0102,豆豆,叶豆豆,男,2015.11.20,四年级,H01,,父亲,南京,工地,,,是,哮喘,跑步,2024/9/1,\n"
        "0201,朵朵,云朵朵,女孩,20170614,二年级,H02,,母亲,,,,,,,,,2024年9月5日\n"
    ),
    "staff.csv": (
        "编号,姓名,角色,学校编号,电话,专职兼职,单位,职务,审核日期,培训日期,行为守则日期\n"
        "T01,林小雨,教师,H01,13800000001,兼职,,语文老师,,,\n"
        "B01,白杨,包保责任人,H01、H02,138 0000 0002,,教育局,股长,,,\n"
        "V01,苗春禾,爱心妈妈,,+86 13800000003,,镇卫生院,护士,2024-03-01,2024-03-02,2024-03-02\n"
        "C01,麦秋实,项目办,,13800000004,专职,电教仪器站,,,,\n"
    ),
    "guardians.csv": (
        "编号,姓名,电话,儿童编号,关系,法定监护人,照护人\n"
        "G01,花奶奶,13800000005,0101；0102,奶奶,否,是\nG02,林远山,13800000006,0101,爸爸,是,否\n"
    ),
    "pairings.csv": "志愿者编号,儿童编号,结对日期,联系间隔,结对方式\n"
    "V01,0101,2024-09-10,14天,爱心妈妈\nV01,0201,2024-09-10,,\n",
}
ENGLISH = {
    "homes.csv": "Code;Name;Year built;Room\nH01;Westbridge;2022;ready\n",
    "children.csv": "code\tshort name\thome\tsex\tbirth date\tboarding\tconsent\n"
    "C1\tLittle Grain\tH01\tgirl\t2016-03-05\tyes\t2024-09-01\n",
    "staff.csv": "code,name,role,home,phone\n"
    'V01,"Rain, Sprout",volunteer,,13800000003\nT01,Reed,teacher,H01,0550-3012345\n',
    "guardians.csv": "code,name,child,relation,caregiver\nG1,Leaf,C1,grandmother,y\n",
    "pairings.csv": "volunteer,child,since,rhythm days\nV01,C1,2024-09-10,7\n",
}


def write(folder: Path, sheets: Mapping[str, str | bytes], encoding: str = "utf-8") -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, content in sheets.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return [folder / name for name in sheets]
